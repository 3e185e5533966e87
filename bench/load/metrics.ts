import { stateOf, timeText } from './slot.ts'
import { NODE_METRICS, POD_METRICS } from './surroundings.ts'
import type { World } from './world.ts'

const RUNNING = stateOf('running')
const PLACE = /^\/apis\/metrics\.k8s\.io\/v1beta1(?:\/namespaces\/([^/]+))?\/(pods|nodes)$/

/** What `metrics.k8s.io` answers to this path; `undefined` when it is another. */
export function metricsOf(path: string, world: World, now: number): Iterable<string> | undefined {
  const [, namespace, of] = PLACE.exec(path) ?? []
  if (of === undefined) return undefined
  return of === 'nodes'
    ? listOf('NodeMetricsList', nodes(world, now))
    : listOf('PodMetricsList', pods(world, namespace, now))
}

function* listOf(kind: string, items: Iterable<string>): Generator<string> {
  yield `{"kind":"${kind}","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[`
  let between = ''
  for (const item of items) {
    yield between + item
    between = ','
  }
  yield ']}'
}

function* nodes({ layout }: World, now: number): Generator<string> {
  for (let node = 0; node < layout.sizes.nodes; node++)
    yield NODE_METRICS.text({ name: `node-${node}`, now: timeText(now), cpu: 4000 + (node % 1000), memory: 20_000 })
}

function* pods(world: World, namespace: string | undefined, now: number): Generator<string> {
  const { layout } = world
  for (let pod = 0; pod < layout.sizes.pods; pod++) {
    const app = layout.appOf(pod)
    if (namespace !== undefined && layout.namespaceOf(app) !== namespace) continue
    const { state, life } = world.slot('pods', pod)
    if (state !== RUNNING) continue
    const values = { name: layout.pod(pod, life), namespace: layout.namespaceOf(app), app: layout.app(app) }
    yield POD_METRICS.text({ ...values, now: timeText(now), cpu: 20 + (pod % 30), memory: 90 + (pod % 20) })
  }
}
