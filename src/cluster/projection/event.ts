import { number, object, string, type Projected } from './shape.ts'
import { meta } from './meta.ts'

/** An Event of core/v1; those of the scheduler carry `eventTime` alone. */
export const event = object({
  metadata: meta,
  type: string,
  reason: string,
  message: string,
  count: number,
  firstTimestamp: string,
  lastTimestamp: string,
  eventTime: string,
  reportingComponent: string,
  series: object({ count: number, lastObservedTime: string }),
  involvedObject: object({
    apiVersion: string,
    kind: string,
    namespace: string,
    name: string,
    uid: string,
    fieldPath: string,
  }),
})
export type Event = Projected<typeof event>
