import type { ObjectOf } from '../cluster/kinds.ts'
import type { Condition } from '../cluster/projection/meta.ts'
import { plainText, truncate } from '../util/text.ts'
import { conditionSince } from './condition.ts'
import { fact, type Fact } from './fact.ts'
import { flapping, readyLossesIn } from './node-flaps.ts'
import { bounds, known, unknown, type Reading } from './reading.ts'
import { conditionOf } from './workload-kind.ts'

type Node = ObjectOf<'nodes'>

/** What can be wrong with a node, the gravest first. A closed list. */
export const NODE_TROUBLES = [
  'unreachable',
  'not-ready',
  'network-unavailable',
  'memory-pressure',
  'disk-pressure',
  'pid-pressure',
  'flapping',
] as const
export type NodeTrouble = (typeof NODE_TROUBLES)[number]

type Bad = readonly [trouble: NodeTrouble, condition: string, status: string]

const BAD: readonly Bad[] = [
  ['unreachable', 'Ready', 'Unknown'],
  ['not-ready', 'Ready', 'False'],
  ['network-unavailable', 'NetworkUnavailable', 'True'],
  ['memory-pressure', 'MemoryPressure', 'True'],
  ['disk-pressure', 'DiskPressure', 'True'],
  ['pid-pressure', 'PIDPressure', 'True'],
]

// The types of node-problem-detector's own monitors. Others name conditions that are good when True, so only these are known to be bad.
const PROBLEMS = [
  'KernelDeadlock',
  'ReadonlyFilesystem',
  'XfsShutdown',
  'CorruptDockerOverlay2',
  'CperHardwareErrorFatal',
  'FrequentKubeletRestart',
  'FrequentDockerRestart',
  'FrequentContainerdRestart',
  'FrequentUnregisterNetDevice',
  'KubeletUnhealthy',
  'ContainerRuntimeUnhealthy',
  'DockerHung',
  'NTPProblem',
]

const MESSAGE_LENGTH = 300

interface Trouble {
  readonly trouble: NodeTrouble
  readonly condition: Condition
}

function troubleOf(node: Node): Trouble | undefined {
  for (const [trouble, type, bad] of BAD) {
    const condition = conditionOf(node, type)
    if (condition?.status === bad) return { trouble, condition }
  }
  return undefined
}

/** What is told of a node once anybody has reported on it; a new one has no conditions yet. */
function told(node: Node, read: (trouble: Trouble | undefined) => Reading): Reading {
  if (conditionOf(node, 'Ready') === undefined) return unknown('not-recorded', 'nobody has reported on the node yet')
  return read(troubleOf(node))
}

const words = ({ reason, message }: Condition): string =>
  truncate(plainText([reason, message].filter(Boolean).join(': ')), MESSAGE_LENGTH)

const hasEnded = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed'

/** How a node fares, by its conditions. That it is cordoned is somebody's decision, and no trouble. */
export const NODE_FACTS: readonly Fact[] = [
  fact({
    name: 'nodeTrouble',
    subjects: ['node'],
    type: 'string',
    nullable: true,
    values: NODE_TROUBLES,
    description:
      'The gravest of: `unreachable` (Ready is Unknown: the kubelet is silent), `not-ready` (Ready is False), no network, memory, disk or PID pressure, `flapping` (seen to stop being ready three times in 30 minutes); null when none.',
    reads: [],
    read: ({ object }, view) =>
      told(object, (found) => {
        if (found) return known(found.trouble, { since: conditionSince(found.condition) })
        const flaps = flapping(object, view)
        return flaps ? known('flapping', flaps) : known(null)
      }),
  }),
  fact({
    name: 'nodeTroubleDetail',
    subjects: ['node'],
    type: 'string',
    nullable: true,
    description:
      'Reason and message of the condition behind `nodeTrouble`, or how often the node stopped being ready; null when there is none.',
    reads: [],
    read: ({ object }, view) =>
      told(object, (found) => {
        if (found) return known(words(found.condition))
        const flaps = flapping(object, view)
        return flaps ? known(`stopped being ready ${flaps.losses} times in 30 minutes`, flaps) : known(null)
      }),
  }),
  fact({
    name: 'readyLossesIn',
    subjects: ['node'],
    type: 'number',
    description:
      'How often the node stopped being ready in the window before now: bounds where not every change was seen.',
    parameters: { window: { type: 'duration', description: 'The time before now that is looked at.' } },
    reads: [],
    read: ({ object }, view, { window }) => readyLossesIn(object, view, Number(window)),
  }),
  fact({
    name: 'nodeProblems',
    subjects: ['node'],
    type: 'strings',
    nullable: true,
    description:
      'Conditions that node-problem-detector sets and that are True, such as KernelDeadlock; null when none is.',
    reads: [],
    read: ({ object }) => {
      const found = PROBLEMS.filter((type) => conditionOf(object, type)?.status === 'True')
      return known(found.length > 0 ? found : null)
    },
  }),
  fact({
    name: 'cordoned',
    subjects: ['node'],
    type: 'boolean',
    description: 'Whether somebody keeps new pods away from the node.',
    reads: [],
    read: ({ object }) => known(object.spec?.unschedulable === true),
  }),
  fact({
    name: 'podsOnNode',
    subjects: ['node'],
    type: 'number',
    description: 'How many pods are bound to the node and have not ended.',
    reads: [{ resource: 'pods', index: 'podsByNode', optional: true }],
    read: ({ object }, { snapshot }) => {
      const pods = snapshot.indexed('podsByNode', object.metadata.name).filter(({ status }) => !hasEnded(status?.phase))
      // A look at some namespaces holds some of them.
      return known(bounds(pods.length, snapshot.look('pods') === 'listed' ? pods.length : Infinity))
    },
  }),
]
