import { KINDS } from '../../src/cluster/kinds.ts'
import type { MetricsProvider } from '../../src/simulator/metrics.ts'
import type { ObjectTable } from '../../src/simulator/table.ts'
import { formatTime } from '../../src/util/time.ts'

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What `snapshot` would write of a table, with what the metrics API answers, at a time in milliseconds. */
export function dumpOfTable(table: ObjectTable, metrics: MetricsProvider, at: number): object {
  const listed = KINDS.filter(({ resource }) => resource !== 'volumesnapshots.snapshot.storage.k8s.io')
  const items = listed.flatMap(({ apiVersion, kind }) =>
    kind === 'PodMetrics' || kind === 'NodeMetrics' ? metrics.list(kind) : table.list({ apiVersion, kind }),
  )
  const annotations = {
    'dogwatch.io/listed': listed.map(({ resource }) => resource).join(','),
    'dogwatch.io/recorded-at': formatTime(at),
  }
  return { apiVersion: 'v1', kind: 'List', metadata: { annotations }, items }
}
