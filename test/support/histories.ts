import * as fc from 'fast-check'
import type { AnyObject, ObjectOf } from '../../src/cluster/kinds.ts'
import { formatTime } from '../../src/util/time.ts'

type Part = 'spec' | 'status' | 'metadata'

/** One thing that happens in a cluster, or to whoever watches it. */
export type Step =
  | { readonly do: 'remove' | 'restore' | 'restart' | 'blind' | 'rules'; readonly which: number }
  | { readonly do: 'exchange'; readonly which: number; readonly with: number; readonly part: Part }
  | { readonly do: 'ignore'; readonly which: number; readonly rule: number; readonly seconds: number }
  | { readonly do: 'wait'; readonly seconds: number }

const which = fc.nat()
const act = <D extends Step['do']>(...names: D[]): fc.Arbitrary<D> => fc.constantFrom(...names)

/** Histories of a cluster. */
export const histories: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 3, arbitrary: fc.record({ do: act('remove', 'restore'), which }) },
    { weight: 3, arbitrary: fc.record({ do: act('restart'), which }) },
    { weight: 1, arbitrary: fc.record({ do: act('blind', 'rules'), which }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: act('exchange'),
        which,
        with: fc.nat(),
        part: fc.constantFrom<Part>('spec', 'status', 'metadata'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: act('ignore'), which, rule: fc.nat(), seconds: fc.integer({ min: 1, max: 3600 }) }),
    },
    { weight: 3, arbitrary: fc.record({ do: act('wait'), seconds: fc.integer({ min: 1, max: 7200 }) }) },
  ),
  { minLength: 1, maxLength: 14 },
)

/** Another object of the same kind lends a part: what refers to it, and what it refers to, are others from then on. */
export function exchanged(object: AnyObject, other: AnyObject, part: Part): AnyObject {
  const lent: Readonly<Record<string, unknown>> = { ...other }
  if (part !== 'metadata') return { ...object, [part]: lent[part] }
  const { labels, annotations, ownerReferences, deletionTimestamp } = other.metadata
  return withMetadata(object, { labels, annotations, ownerReferences, deletionTimestamp })
}

const withMetadata = (object: AnyObject, metadata: Readonly<Record<string, unknown>>): AnyObject => {
  const made: object = { ...object, metadata: { ...object.metadata, ...metadata } }
  return made as AnyObject
}

/** Somebody says on the object that a rule is not to be shown for a while. */
export const ignored = (object: AnyObject, rule: string, until: number): AnyObject =>
  withMetadata(object, {
    annotations: {
      ...object.metadata.annotations,
      'dogwatch.io/ignore': rule,
      'dogwatch.io/ignore-reason': 'a game day',
      'dogwatch.io/ignore-until': formatTime(until),
    },
  })

/** The first container of a pod died a moment ago and runs again. */
export function restarted(pod: ObjectOf<'pods'>, now: number): AnyObject {
  const [first, ...others] = pod.status?.containerStatuses ?? []
  if (!first) return pod
  const [died, began] = [formatTime(now - 1000), formatTime(now)]
  const ended = { exitCode: 1, reason: 'Error', startedAt: first.state?.running?.startedAt ?? died, finishedAt: died }
  const status = {
    ...first,
    restartCount: (first.restartCount ?? 0) + 1,
    state: { running: { startedAt: began } },
    lastState: { terminated: ended },
  }
  return { ...pod, status: { ...pod.status, containerStatuses: [status, ...others] } }
}
