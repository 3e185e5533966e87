import type { ObjectOf } from '../cluster/kinds.ts'
import { plainText, truncate } from '../util/text.ts'
import { parseTime } from '../util/time.ts'
import { known, type Known } from './reading.ts'
import { containersOf } from './subject.ts'

type Pod = ObjectOf<'pods'>

/** What ran out when the kubelet evicted a pod. */
export const EVICTION_CAUSES = [
  'emptydir-limit',
  'container-disk-limit',
  'pod-disk-limit',
  'memory',
  'disk',
  'inodes',
  'pids',
  'other',
] as const

const PATTERNS: readonly (readonly [RegExp, (typeof EVICTION_CAUSES)[number]])[] = [
  [/Usage of EmptyDir volume/i, 'emptydir-limit'],
  [/^Container .* exceeded its local ephemeral storage limit/i, 'container-disk-limit'],
  [/^Pod ephemeral local storage usage exceeds/i, 'pod-disk-limit'],
  [/low on resource: memory/i, 'memory'],
  [/low on resource: ephemeral-storage/i, 'disk'],
  [/low on resource: inodes/i, 'inodes'],
  [/low on resource: pids/i, 'pids'],
]

const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted'

/** When the last container of a pod that is over ended, in milliseconds; `undefined` when one does not say. */
function endedAt(pod: Pod): number | undefined {
  const main = containersOf(pod).filter(({ role }) => role === 'main')
  const times = main.map(({ status }) => parseTime(status?.state?.terminated?.finishedAt))
  const dated = times.filter((at) => at !== undefined)
  return dated.length > 0 && dated.length === times.length ? Math.max(...dated) : undefined
}

/** What ran out; `null` for a pod that was not evicted. */
export function evictionCause(pod: Pod): Known {
  if (!isEvicted(pod)) return known(null, { since: parseTime(pod.metadata.creationTimestamp) })
  const message = pod.status?.message ?? ''
  return known(PATTERNS.find(([pattern]) => pattern.test(message))?.[1] ?? 'other', { since: endedAt(pod) })
}

/** The kubelet's own words: resources, amounts and names of containers. */
export const evictionMessage = (pod: Pod): Known =>
  isEvicted(pod) ? known(truncate(plainText(pod.status?.message ?? '').trim(), 300)) : known(null)

/** How a pod that is over ended, in words: its reason or the exit codes of its containers; `null` while it is not Failed. */
export function failureOf(pod: Pod): Known {
  const { phase, reason } = pod.status ?? {}
  if (phase !== 'Failed') return known(null)
  const exits = containersOf(pod).flatMap(({ name, status }) => {
    const ended = status?.state?.terminated ?? status?.lastState?.terminated
    return ended?.exitCode ? [`container ${name} exited with ${ended.exitCode} (${ended.reason ?? 'no reason'})`] : []
  })
  const words = [...(reason === undefined ? [] : [reason]), ...exits]
  return known(words.length === 0 ? 'no container says why' : words.join('; '), { since: endedAt(pod) })
}
