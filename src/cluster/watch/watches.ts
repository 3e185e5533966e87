import type { WatchState } from '../freshness.ts'
import { targetOf, type Target } from '../kind-look.ts'
import { KINDS, type Kind } from '../kinds.ts'
import type { WatchContext } from './context.ts'
import { MetricsPoll } from './metrics-poll.ts'
import { NamespacePoll } from './namespace-poll.ts'
import { Reflector } from './reflector.ts'
import type { Tap } from './tap.ts'
import type { Watch } from './watch.ts'

export interface WatchesOptions {
  readonly context: WatchContext
  readonly tap: Tap
  /** Only in these namespaces; `undefined` for everywhere. */
  readonly namespaces: readonly string[] | undefined
  readonly metrics: boolean
  readonly serverTime: () => number | undefined
  readonly onState: (watch: Watch, before: WatchState) => void
}

/** The kinds with the most objects: the others come first, and what joins them finds them there. */
const LARGE = ['replicasets.apps', 'endpointslices.discovery.k8s.io', 'pods', 'events']
const METRICS = /\.metrics\.k8s\.io$/
/** Custom kinds come after the small ones. */
const CUSTOM_RANK = KINDS.length
/** Pods beyond which metrics are asked for namespace by namespace; and back again below a little less. */
const SPREAD_ABOVE = 2000
const SPREAD_UNTIL = 1800

const rankOf = ({ resource }: Kind): number => {
  const large = LARGE.indexOf(resource)
  return large < 0 ? KINDS.findIndex((kind) => kind.resource === resource) : CUSTOM_RANK + 1 + large
}

/** The watches of all kinds that dogwatch reads. */
export function builtInWatches(options: WatchesOptions): readonly Watch[] {
  const watched = KINDS.filter(({ resource }) => !METRICS.test(resource))
  const reflectors = watched.map((kind) => {
    const mirror = kind.resource === 'events' ? options.tap.events : options.tap
    return reflectorsOf(options, targetOf(kind), { optional: kind.optional, rank: rankOf(kind), mirror })
  })
  const pods = reflectors.flat().filter(({ target }) => target.resource === 'pods')
  const polls = KINDS.filter(({ resource }) => options.metrics && METRICS.test(resource))
  return [
    ...reflectors.flat(),
    ...polls.map((kind) => metricsPoll(options, kind, pods)),
    ...namespacePolls(options, reflectors.flat()),
  ]
}

/** The watches of a kind that is not part of Kubernetes itself. */
export const customWatches = (options: WatchesOptions, target: Target): readonly Watch[] =>
  reflectorsOf(options, target, { optional: true, rank: CUSTOM_RANK, mirror: options.tap })

function reflectorsOf(
  { context, namespaces, onState }: WatchesOptions,
  target: Target,
  of: { readonly optional: boolean; readonly rank: number; readonly mirror: Tap | Tap['events'] },
): readonly Reflector[] {
  const places = target.namespaced && namespaces !== undefined ? namespaces : [undefined]
  return places.map((namespace) => new Reflector({ ...of, context, target, namespace, onState }))
}

function namespacePolls(
  { context, tap, namespaces, onState }: WatchesOptions,
  reflectors: readonly Reflector[],
): readonly Watch[] {
  const reflector = reflectors.find(({ target }) => target.resource === 'namespaces')
  if (namespaces === undefined || reflector === undefined) return []
  const { target } = reflector
  return [new NamespacePoll({ context, mirror: tap, target, namespaces, needed: () => reflector.forbidden, onState })]
}

function metricsPoll(
  { context, tap, namespaces, serverTime, onState }: WatchesOptions,
  kind: Kind,
  pods: readonly Reflector[],
): Watch {
  let spread = false
  const count = (): number => pods.reduce((sum, watch) => sum + watch.objects, 0)
  const everywhere = (): readonly (string | undefined)[] => {
    spread = count() > (spread ? SPREAD_UNTIL : SPREAD_ABOVE)
    return spread ? pods.flatMap((watch) => [...watch.namespaces.keys()]).toSorted() : [undefined]
  }
  return new MetricsPoll({
    context,
    mirror: tap,
    target: targetOf(kind),
    places: kind.namespaced && namespaces !== undefined ? namespaces : [undefined],
    parts: !kind.namespaced ? () => [undefined] : () => namespaces ?? everywhere(),
    ready: () => pods.every(({ settled }) => settled),
    serverTime,
    onState,
  })
}
