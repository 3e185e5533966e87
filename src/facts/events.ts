import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { parseTime } from '../util/time.ts'

/** What an Event says: the same thing, seen so often between two times. */
export interface Sighting {
  readonly reason: string
  /** Text from the cluster: matched against patterns of ours, shown only where a fact says so. */
  readonly message: string
  readonly type: string
  readonly count: number
  /** Milliseconds. */
  readonly first: number
  readonly last: number
  /** The container it is about, where it names one. */
  readonly container: string | undefined
}

type Event = ObjectOf<'events'>

const FIELD_PATH = /^spec\.(?:initContainers|containers)\{([^}]*)\}$/

/** The times that an Event states, in order. The scheduler writes `eventTime` alone. */
function timesOf(event: Event): readonly number[] {
  const { series, firstTimestamp, lastTimestamp, eventTime, metadata } = event
  const stated = [firstTimestamp, lastTimestamp, eventTime, series?.lastObservedTime].map(parseTime)
  const times = stated.filter((at) => at !== undefined)
  const made = parseTime(metadata.creationTimestamp)
  return times.length > 0 || made === undefined ? times.toSorted((a, b) => a - b) : [made]
}

const countOf = ({ series, count }: Event): number => Math.max(1, series?.count ?? count ?? 1)

function sighting(event: Event): Sighting | undefined {
  const times = timesOf(event)
  const [first] = times
  const last = times.at(-1)
  if (first === undefined || last === undefined) return undefined
  const { reason = '', message = '', type = '', involvedObject } = event
  const container = FIELD_PATH.exec(involvedObject?.fieldPath ?? '')?.[1]
  return { reason, message, type, count: countOf(event), first, last, container }
}

/** What Events say about an object, the latest first. Those without any time say nothing. */
export const sightingsOf = (object: AnyObject, snapshot: Snapshot): readonly Sighting[] =>
  snapshot
    .indexed('eventsByObject', object.metadata.uid)
    .map(sighting)
    .filter((seen) => seen !== undefined)
    .toSorted((a, b) => b.last - a.last || b.first - a.first)

/** What Events say about one container of a pod, the latest first. */
export const sightingsOfContainer = (pod: ObjectOf<'pods'>, name: string, snapshot: Snapshot): readonly Sighting[] =>
  sightingsOf(pod, snapshot).filter((seen) => seen.container === name)
