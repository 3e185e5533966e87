import { array, boolean, map, number, object, quantity, string, type Projected } from './shape.ts'
import { condition, meta } from './meta.ts'
import { podSpec } from './pod-spec.ts'

const terminated = object({
  exitCode: number,
  signal: number,
  reason: string,
  message: string,
  startedAt: string,
  finishedAt: string,
})
export type Terminated = Projected<typeof terminated>

const containerState = object({
  running: object({ startedAt: string }),
  waiting: object({ reason: string, message: string }),
  terminated,
})

const containerStatus = object({
  name: string,
  image: string,
  ready: boolean,
  started: boolean,
  restartCount: number,
  state: containerState,
  lastState: containerState,
  allocatedResources: map(quantity),
})
export type ContainerStatus = Projected<typeof containerStatus>

export const pod = object({
  metadata: meta,
  spec: podSpec,
  status: object({
    phase: string,
    reason: string,
    message: string,
    startTime: string,
    nominatedNodeName: string,
    qosClass: string,
    observedGeneration: number,
    conditions: array(condition),
    initContainerStatuses: array(containerStatus),
    containerStatuses: array(containerStatus),
  }),
})
export type Pod = Projected<typeof pod>
