import { at, object } from './object.ts'
import { number, string, type Projected } from './shape.ts'
import { meta } from './meta.ts'
import { microTime, time } from './values.ts'

/** An Event of core/v1; those of the scheduler carry `eventTime` alone. */
export const event = object({
  metadata: at(1, meta),
  type: at(9, string),
  reason: at(3, string),
  message: at(4, string),
  count: at(8, number),
  firstTimestamp: at(6, time),
  lastTimestamp: at(7, time),
  eventTime: at(10, microTime),
  reportingComponent: at(14, string, 'always'),
  series: at(11, object({ count: at(1, number), lastObservedTime: at(2, microTime) })),
  involvedObject: at(
    2,
    object({
      apiVersion: at(5, string),
      kind: at(1, string),
      namespace: at(2, string),
      name: at(3, string),
      uid: at(4, string),
      fieldPath: at(7, string),
    }),
  ),
})
export type Event = Projected<typeof event>
