import { object } from './object.ts'
import { string, type Projected } from './shape.ts'
import { meta } from './meta.ts'

/** What a VerticalPodAutoscaler sets the requests of, and whether it does more than advise. */
export const verticalAutoscaler = object({
  metadata: meta,
  spec: object({
    targetRef: object({ apiVersion: string, kind: string, name: string }),
    updatePolicy: object({ updateMode: string }),
  }),
})
export type VerticalAutoscaler = Projected<typeof verticalAutoscaler>
