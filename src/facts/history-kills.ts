import type { ObjectOf } from '../cluster/kinds.ts'
import type { ContainerStatus } from '../cluster/projection/pod.ts'
import { parseTime } from '../util/time.ts'
import { amountOf } from './quantities.ts'
import { containersOf } from './subject.ts'

type Pod = ObjectOf<'pods'>

/** That a container was killed for memory, with its limit in bytes. */
export interface MemoryKill {
  readonly container: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly limitBytes: number | undefined
}

const statusesOf = (pod: Pod | undefined): readonly ContainerStatus[] => [
  ...(pod?.status?.initContainerStatuses ?? []),
  ...(pod?.status?.containerStatuses ?? []),
]

const deathsIn = ({ state, lastState }: ContainerStatus): readonly string[] =>
  [state, lastState].flatMap((one) =>
    one?.terminated?.reason === 'OOMKilled' ? (one.terminated.finishedAt ?? '') : [],
  )

/** The kills for memory that a pod tells of now and did not tell of before. */
export function killsIn(before: Pod | undefined, after: Pod): MemoryKill[] {
  const told = statusesOf(after).flatMap((status) => deathsIn(status).map((finishedAt) => ({ status, finishedAt })))
  if (told.length === 0) return []
  const known = new Set(statusesOf(before).flatMap((status) => deathsIn(status).map((at) => `${status.name} ${at}`)))
  return told.flatMap(({ status: { name = '' }, finishedAt }) => {
    const at = parseTime(finishedAt)
    if (at === undefined || known.has(`${name} ${finishedAt}`)) return []
    const container = containersOf(after).find((one) => one.name === name)
    const limit = container && amountOf(after, container, 'limits', 'memory')
    return { container: name, at, limitBytes: limit ?? undefined }
  })
}
