import { parseTime } from '../util/time.ts'
import { ofHistory } from './container-history.ts'
import { fact, type Fact } from './fact.ts'
import { known, unknown } from './reading.ts'

/** What a container is and what it does now. */
export const CONTAINER_FACTS: readonly Fact[] = [
  fact({
    name: 'containerRole',
    subjects: ['container'],
    type: 'string',
    values: ['init', 'sidecar', 'main'],
    description: 'What the container is in its pod; `sidecar` is an init container with restartPolicy Always.',
    reads: [],
    read: ({ object, container }) =>
      container
        ? known(container.role, { since: parseTime(object.metadata.creationTimestamp) })
        : unknown('not-recorded', 'no container'),
  }),
  fact({
    name: 'containerRunning',
    subjects: ['container'],
    type: 'boolean',
    description: 'Whether the container runs now.',
    reads: [],
    read: ofHistory(({ running }) => known(running !== undefined, { since: running?.startedAt })),
  }),
  fact({
    name: 'waitingReason',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    description: 'Why the container waits, in one word of the kubelet; null while it does not.',
    reads: [],
    read: ofHistory(({ waiting }) => known(waiting.reason === '' ? null : waiting.reason)),
  }),
]
