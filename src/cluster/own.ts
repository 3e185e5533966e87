import type { AnyObject, Resource } from './kinds.ts'
import type { Change } from './mirror.ts'
import type { Own } from './readership.ts'
import { kindOf, type ObjectStore } from './store.ts'
import { OWNER } from './tracked-snapshot.ts'

/** What is measured of an object lies under the object's own name. Each is read by that object, and nearly each by it alone. */
const MEASURED: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['pods', 'pods.metrics.k8s.io'],
  ['nodes', 'nodes.metrics.k8s.io'],
])
const MEASURES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['pods.metrics.k8s.io', 'pods'],
  ['nodes.metrics.k8s.io', 'nodes'],
])

/**
 * What is an object's own: what has its uid for a name, what is remembered of it, and what is measured of it. `owners`: its owners too,
 * for whoever looks again with another who has noted them.
 */
export function ownOf(object: AnyObject, { owners = false }: { readonly owners?: boolean } = {}): Own {
  const { uid, namespace = '', name } = object.metadata
  const measured = MEASURED.get(kindOf(object)?.resource ?? '')
  const family = measured === undefined ? undefined : `named ${measured}`
  const place = `${namespace}/${name}`
  return (asked, what) =>
    what === uid ||
    (owners && asked === OWNER) ||
    (asked === family && what === place) ||
    (asked === 'past' && what.startsWith(uid, what.indexOf('/') + 1))
}

/** Of a key of the past, `kind/UID/rest`, everything that may be the uid: none of the parts is without slashes for certain. */
export function* uidsIn(key: string): Generator<string> {
  const from = key.indexOf('/') + 1
  for (let end = key.lastIndexOf('/'); end > from; end = key.lastIndexOf('/', end - 1)) yield key.slice(from, end)
}

/** The uid of the object that a change is a measurement of. */
export function measuredIn({ before, after }: Change, objects: ObjectStore): string | undefined {
  const measurement = after ?? before
  const measured = measurement && MEASURES.get(kindOf(measurement)?.resource ?? '')
  if (!measured) return undefined
  const { namespace, name } = measurement.metadata
  return objects.get(measured, namespace, name)?.metadata.uid
}
