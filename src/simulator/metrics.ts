import type { Answer } from './answer.ts'
import type { Exchange, Route } from './exchange.ts'
import type { Draft, KubeObject } from './object.ts'
import { selection } from './list.ts'
import { shapeFor } from './shape.ts'
import { notFound } from './status.ts'

/** Where the metrics API has its figures from: objects of `metrics.k8s.io/v1beta1`, made when they are asked for. */
export interface MetricsProvider {
  list(kind: 'PodMetrics' | 'NodeMetrics'): readonly Draft[]
}

/**
 * Answers of the metrics API: lists have no version and no pages.
 * @throws Refusal 404
 */
export function readMetrics(provider: MetricsProvider, exchange: Exchange, route: Route): Answer {
  const kind = route.kind.kind === 'NodeMetrics' ? 'NodeMetrics' : 'PodMetrics'
  const shape = shapeFor(route.kind, exchange.headers['accept'], exchange.verb)
  const selects = selection(exchange, route)
  const all = provider.list(kind).map((draft) => draft as KubeObject)
  if (route.name !== undefined) {
    const found = all.find((object) => object.metadata.name === route.name && selects(object))
    if (found === undefined) throw notFound(route.kind, route.name)
    return { status: 200, json: shape.one(found) }
  }
  const objects = all.filter(selects).map(shape.item)
  return { status: 200, list: { kind: shape.listKind, apiVersion: shape.listVersion, metadata: {}, objects } }
}
