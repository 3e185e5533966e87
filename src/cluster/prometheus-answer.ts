import { JsonListReader } from '../util/json-list.ts'
import { ClusterError, foreign } from './errors.ts'

/** Series of one answer beyond which it is refused, and bytes. */
const MOST_SERIES = 100_000
const MOST_BYTES = 64 * 2 ** 20

const RESULT = { depth: 2, key: /(?:^|[^\\])"result"\s*:\s*$/ }

type Raw = Readonly<Record<string, unknown>>
const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A number of an answer by `pod/container`. */
export type Answer = ReadonlyMap<string, number>

function numberOf(value: unknown): number | undefined {
  if (!Array.isArray(value) || typeof value[1] !== 'string') return undefined
  // `NaN` and `+Inf` are numbers to Prometheus, the empty text is one to JavaScript.
  const number = value[1] === '' ? Number.NaN : Number(value[1])
  return Number.isFinite(number) && number >= 0 ? number : undefined
}

const textIn = (raw: Raw, field: string): string | undefined => {
  const text = Object.hasOwn(raw, field) ? raw[field] : undefined
  return typeof text === 'string' && text !== '' ? text : undefined
}

function read(series: unknown, into: Map<string, number>): void {
  const { metric, value } = isRaw(series) ? series : {}
  const [pod, container] = isRaw(metric) ? [textIn(metric, 'pod'), textIn(metric, 'container')] : []
  const number = numberOf(value)
  if (pod === undefined || container === undefined || number === undefined) return
  if (into.size >= MOST_SERIES) throw new ClusterError(`the answer has more than ${MOST_SERIES} series`)
  const key = `${pod}/${container}`
  into.set(key, Math.max(into.get(key) ?? 0, number))
}

/**
 * Reads the answer to a query while it arrives. Series without a pod and container, and values that are no amount, are left out.
 * @throws ClusterError when it is too large, or is no answer.
 */
export async function readAnswer(body: AsyncIterable<Uint8Array>): Promise<Answer> {
  const answer = new Map<string, number>()
  const reader = new JsonListReader((series) => read(series, answer), RESULT)
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new ClusterError(`the answer is longer than ${MOST_BYTES / 2 ** 20} MiB`)
    reader.write(chunk)
  }
  const rest = reader.end()
  if (isRaw(rest) && rest['status'] === 'success') return answer
  throw new ClusterError(
    foreign(`it answers: ${(isRaw(rest) && textIn(rest, 'error')) || 'not what Prometheus answers'}`),
  )
}
