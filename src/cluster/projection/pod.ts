import { at, object } from './object.ts'
import { array, boolean, both, map, number, string, type Projected } from './shape.ts'
import { condition, metaOfMade, type Condition } from './meta.ts'
import { podSpec } from './pod-spec.ts'
import { shared, word } from './shared.ts'
import { quantity, time } from './values.ts'

const terminated = object({
  exitCode: at(1, number, 'always'),
  signal: at(2, number),
  reason: at(3, word),
  message: at(4, string),
  startedAt: at(5, time),
  finishedAt: at(6, time),
})
export type Terminated = Projected<typeof terminated>

const containerState = object({
  running: at(2, object({ startedAt: at(1, time) })),
  waiting: at(1, object({ reason: at(1, word), message: at(2, string) })),
  terminated: at(3, terminated),
})

const containerStatus = object({
  name: at(1, word, 'always'),
  image: at(6, word, 'always'),
  ready: at(4, boolean, 'always'),
  started: at(9, boolean, 'always'),
  restartCount: at(5, number, 'always'),
  state: at(2, containerState),
  lastState: at(3, containerState),
  allocatedResources: at(10, shared(map(quantity))),
})
export type ContainerStatus = Projected<typeof containerStatus>

// Each pod has it, and nothing rests on it: of a hundred thousand pods it was a fiftieth of all that is held.
const UNTOLD = 'Initialized'
const told = (read: Condition | undefined): Condition | undefined => (read?.type === UNTOLD ? undefined : read)

export const pod = object({
  metadata: at(1, metaOfMade),
  spec: at(2, podSpec),
  status: at(
    3,
    object({
      phase: at(1, word),
      reason: at(4, word),
      message: at(3, string),
      startTime: at(7, time),
      nominatedNodeName: at(11, string),
      qosClass: at(9, word),
      observedGeneration: at(17, number),
      conditions: at(
        2,
        array(
          both(
            (raw) => told(condition(raw)),
            (reader, tag) => told(condition.wire(reader, tag)),
          ),
        ),
      ),
      initContainerStatuses: at(10, array(containerStatus)),
      containerStatuses: at(8, array(containerStatus)),
    }),
  ),
})
export type Pod = Projected<typeof pod>
