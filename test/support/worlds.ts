import { KINDS } from '../../src/cluster/kinds.ts'
import type { MetricsProvider } from '../../src/simulator/metrics.ts'
import { ObjectTable } from '../../src/simulator/table.ts'
import type { App } from '../../src/simulator/world/manifests.ts'
import { namespace, node, storageClass } from '../../src/simulator/world/platform-manifests.ts'
import { World } from '../../src/simulator/world/world.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { formatTime } from '../../src/util/time.ts'
import { VirtualClock } from '../../src/util/virtual-clock.ts'
import { scanDump } from './scan-dump.ts'

/** What `snapshot` would write of a table, with what the metrics API answers, at a time in milliseconds. */
export function dumpOfTable(table: ObjectTable, metrics: MetricsProvider, at: number): object {
  const listed = KINDS.filter(({ optional, resource }) => !optional || resource.endsWith('metrics.k8s.io'))
  const items = listed.flatMap(({ apiVersion, kind }) =>
    kind === 'PodMetrics' || kind === 'NodeMetrics' ? metrics.list(kind) : table.list({ apiVersion, kind }),
  )
  const annotations = {
    'dogwatch.io/listed': listed.map(({ resource }) => resource).join(','),
    'dogwatch.io/recorded-at': formatTime(at),
  }
  return { apiVersion: 'v1', kind: 'List', metadata: { annotations }, items }
}

/** A world of its own in virtual time, with some nodes and nothing on them. */
export function smallWorld({ nodes = 1, seed = 1, now = Date.parse('2026-11-21T10:00:00Z') } = {}) {
  const clock = new VirtualClock(now)
  const random = seededRandom(seed)
  const table = new ObjectTable({ clock, random })
  const world = new World(table, { clock, random })
  const at = formatTime(now)
  world.store.create(namespace('shop', at))
  world.store.create(storageClass(at))
  for (let number = 0; number < nodes; number++) world.store.create(node(`node-${number + 1}`, number, at))
  return {
    clock,
    table,
    world,
    at,
    /** Lets so many milliseconds pass. */
    pass: async (ms: number): Promise<void> => {
      await clock.advance(ms)
      world.step()
    },
    scan: async () => (await scanDump(dumpOfTable(table, world.metrics, clock.now()))).envelope,
  }
}

/** An app of the namespace `shop`, for tests that need just any. */
export const someApp = (app: Partial<App> = {}): App => ({
  namespace: 'shop',
  name: 'web',
  image: 'registry.shop.example/web:1.0.0',
  requests: ['100m', '64Mi'],
  memoryLimit: '128Mi',
  ...app,
})

/** Every field that is set in a value, as paths; what is in a list is one. */
export function fieldsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((item) => fieldsOf(item, `${path}[]`)))].toSorted()
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, item]) => fieldsOf(item, path === '' ? key : `${path}.${key}`))
  return inner.length === 0 ? [`${path}{}`] : [...new Set(inner)].toSorted()
}

/** The rules that fire or are pending in a scan, with what they are about. */
export const foundIn = (envelope: Envelope): string[] =>
  envelope.items
    .filter(({ state }) => state === 'firing' || state === 'pending')
    .map(({ rule, target }) => `${rule.id} ${target.kind} ${target.namespace ?? ''}/${target.name}`)
    .toSorted()
