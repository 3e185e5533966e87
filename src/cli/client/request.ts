import http from 'node:http'
import https from 'node:https'
import type { Clock } from '../../util/clock.ts'
import { abortError } from '../../util/clock.ts'
import { formatBytes } from '../../util/quantity.ts'
import { oneLine } from '../errors.ts'
import type { Address } from './address.ts'

/** Nobody answers, or what answers is no daemon. The message says where, why and the way out. */
export class DaemonError extends Error {
  /** Whether to ask again may help: nobody answered, or not now. */
  readonly passing: boolean

  constructor(message: string, passing: boolean) {
    super(message)
    this.passing = passing
  }
}

export interface Question {
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
  /** How long to wait for the beginning of an answer, and for each further piece of it; milliseconds. */
  readonly within: number
  readonly signal: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly text: string
}

/** Largest answer that is read, in bytes: a page has a few hundred findings of a few kilobytes. */
const LARGEST = 32 * 2 ** 20

/** Asks a daemon once, over a connection of its own. @throws DaemonError when no answer comes, or none that could be its. */
export async function ask(address: Address, question: Question, clock: Clock): Promise<Answer> {
  const token = await address.token()
  const { signal } = question
  try {
    return await send({ address, token, question, clock })
  } catch (error) {
    if (signal.aborted) throw abortError(signal)
    throw error instanceof DaemonError ? error : faultOf(error, address.url)
  }
}

interface Sending {
  readonly address: Address
  readonly token: string | undefined
  readonly question: Question
  readonly clock: Clock
}

function send({ address, token, question, clock }: Sending): Promise<Answer> {
  const url = new URL(`${address.url}${question.path}`)
  for (const [name, value] of question.query) url.searchParams.append(name, value)
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? https : http).request(url, {
      // A connection that is kept may break just when it is used again.
      agent: false,
      signal: question.signal,
      headers: {
        accept: 'application/json',
        'user-agent': 'dogwatch',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(address.authority === undefined ? {} : { ca: address.authority }),
      ...(address.serverName === undefined ? {} : { servername: address.serverName }),
    })
    const late = (): void => {
      sent.destroy(new DaemonError(`${address.url} does not answer within ${question.within / 1000} s`, true))
    }
    let cancel = clock.after(question.within, late)
    const again = (): void => {
      cancel()
      cancel = clock.after(question.within, late)
    }
    sent.on('response', (response) => {
      readAll(response, again).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
    })
    sent.on('error', reject)
    sent.on('close', () => cancel())
    sent.end()
  })
}

async function readAll(response: http.IncomingMessage, alive: () => void): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    alive()
    chunks.push(chunk)
    size += chunk.length
    if (size > LARGEST) throw new DaemonError(`the answer is larger than ${formatBytes(LARGEST)}`, false)
  }
  return Buffer.concat(chunks).toString()
}

const START =
  'start one with `dogwatch run`, or reach one in a cluster with `kubectl -n dogwatch port-forward service/dogwatch 8686`'
const AUTHORITY = 'name the authority that signed it with --certificate-authority FILE'
const TLS = 'does it speak TLS? Then its address begins with https'

interface Fault {
  readonly passing: boolean
  readonly words: string
  readonly way: string
}

const passing = (words: string, way = START): Fault => ({ passing: true, words, way })
const lasting = (words: string, way: string): Fault => ({ passing: false, words, way })

const FAULTS: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: passing('connection refused'),
  ENOTFOUND: passing('its name cannot be resolved'),
  EAI_AGAIN: passing('its name cannot be resolved now'),
  ETIMEDOUT: passing('no connection'),
  EHOSTUNREACH: passing('no way there'),
  ENETUNREACH: passing('no way there'),
  ECONNRESET: passing('the connection broke', TLS),
  EPIPE: passing('the connection broke', TLS),
  EPROTO: lasting('it speaks no TLS', 'its address may begin with http'),
  ERR_SSL_WRONG_VERSION_NUMBER: lasting('it speaks no TLS', 'its address may begin with http'),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: lasting('it speaks no TLS', 'its address may begin with http'),
  SELF_SIGNED_CERT_IN_CHAIN: lasting('its certificate is not trusted here', AUTHORITY),
  DEPTH_ZERO_SELF_SIGNED_CERT: lasting('its certificate is not trusted here', AUTHORITY),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: lasting('its certificate is not trusted here', AUTHORITY),
  UNABLE_TO_GET_ISSUER_CERT: lasting('its certificate is not trusted here', AUTHORITY),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: lasting('its certificate is not trusted here', AUTHORITY),
  CERT_SIGNATURE_FAILURE: lasting('its certificate is not trusted here', AUTHORITY),
  CERT_HAS_EXPIRED: lasting('its certificate has expired', 'renew it, or look at the clock of this machine'),
  ERR_TLS_CERT_ALTNAME_INVALID: lasting('its certificate is for another name', 'say which with --tls-server-name NAME'),
}

function faultOf(error: unknown, url: string): DaemonError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const parse = code.startsWith('HPE_') ? lasting('it speaks no HTTP', TLS) : undefined
  const { words, way, passing: soon } = FAULTS[code] ?? parse ?? passing(oneLine(String(error)))
  return new DaemonError(`no daemon answers at ${url}: ${words}\n${way}`, soon)
}
