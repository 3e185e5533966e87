import type { ObjectOf } from '../cluster/kinds.ts'
import { plainText, truncate } from '../util/text.ts'
import { parseTime } from '../util/time.ts'
import { conditionOf, conditionSince } from './condition.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { known, type Reading } from './reading.ts'
import { claimsOfPod } from './scheduling-claims.ts'
import { diagnose } from './scheduling-diagnosis.ts'
import { SCHEDULING_OBSTACLES, type Diagnosis } from './scheduling-obstacle.ts'
import { isOver } from './scheduling-resources.ts'
import type { View } from './subject.ts'

type Pod = ObjectOf<'pods'>

const STATES = ['placed', 'ended', 'gated', 'waiting-for-volume', 'unscheduled'] as const
type State = (typeof STATES)[number]

// What a rule's text shows of one value.
const LONGEST_EXPLANATION = 480

function stateOf(pod: Pod, view: View): State {
  if (pod.spec?.nodeName !== undefined) return 'placed'
  if (isOver(pod) || pod.metadata.deletionTimestamp !== undefined) return 'ended'
  if (isGated(pod)) return 'gated'
  return waitsForVolume(pod, view) ? 'waiting-for-volume' : 'unscheduled'
}

const isGated = ({ spec, status }: Pod): boolean =>
  (spec?.schedulingGates ?? []).length > 0 ||
  conditionOf(status?.conditions, 'PodScheduled')?.reason === 'SchedulingGated'

// Between the choice of a node and the binding a volume is made for that node. It can take minutes, and the claim tells when it fails.
function waitsForVolume(pod: Pod, view: View): boolean {
  if (conditionOf(pod.status?.conditions, 'PodScheduled')?.reason === 'Unschedulable') return false
  // In this order: most pods have no claim, and to diagnose one is to look at every node.
  return claimsOfPod(pod, view.snapshot).waiting.length > 0 && diagnose(pod, view).obstacle === 'no-scheduler'
}

/** Since when a pod has been without a node, in milliseconds; `undefined` when it changed on the way (a gate was taken off). */
function withoutNodeSince({ metadata, status }: Pod): number | undefined {
  const scheduled = conditionOf(status?.conditions, 'PodScheduled')
  if (!scheduled) return parseTime(metadata.creationTimestamp)
  return (metadata.generation ?? 1) > 1 ? undefined : conditionSince(scheduled)
}

function readState(pod: Pod, view: View): Reading {
  const state = stateOf(pod, view)
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  const since: Readonly<Record<State, number | undefined>> = {
    placed: conditionSince(scheduled),
    ended: parseTime(pod.metadata.deletionTimestamp),
    gated: conditionSince(scheduled),
    'waiting-for-volume': undefined,
    unscheduled: withoutNodeSince(pod),
  }
  return known(state, { since: since[state] })
}

const diagnosisOf = (pod: Pod, view: View): Diagnosis | undefined =>
  stateOf(pod, view) === 'unscheduled' ? diagnose(pod, view) : undefined

/** Text with names from the cluster, made safe for one line and cut. */
export const sentence = (text: string): string => truncate(plainText(text), LONGEST_EXPLANATION)

// Without them there is still something true to say: the pod has no node, and what the scheduler says of it.
const READS: readonly Read[] = [
  { resource: 'pods', optional: true },
  { resource: 'nodes', optional: true },
  { resource: 'namespaces', optional: true },
  { resource: 'persistentvolumeclaims', optional: true },
  { resource: 'persistentvolumes', optional: true },
  { resource: 'storageclasses.storage.k8s.io', optional: true },
  { resource: 'volumesnapshots.snapshot.storage.k8s.io', optional: true },
  { resource: 'events', optional: true },
]

/** Why a pod has no node. */
export const SCHEDULING_FACTS: readonly Fact[] = [
  fact({
    name: 'schedulingState',
    subjects: ['pod'],
    type: 'string',
    values: STATES,
    description:
      'How far the pod is from a node: placed on one; ended or being deleted; held back by a scheduling gate; waiting until a volume is made for the node that was chosen; or unscheduled.',
    reads: READS,
    read: ({ object }, view) => readState(object, view),
  }),
  fact({
    name: 'schedulingObstacle',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    values: SCHEDULING_OBSTACLES,
    description:
      'What keeps an unscheduled pod off every node, computed from nodes, claims and the pods that are placed; null when the pod is not unscheduled.',
    reads: READS,
    read: ({ object }, view) => known(diagnosisOf(object, view)?.obstacle ?? null),
  }),
  fact({
    name: 'schedulingExplanation',
    subjects: ['pod'],
    type: 'string',
    nullable: true,
    description: 'The obstacle in one sentence, with names and numbers; null when the pod is not unscheduled.',
    reads: READS,
    read({ object }, view) {
      const diagnosis = diagnosisOf(object, view)
      return known(diagnosis ? sentence(diagnosis.words) : null)
    },
  }),
  fact({
    name: 'schedulingNodes',
    subjects: ['pod'],
    type: 'strings',
    description:
      'The nodes that would take an unscheduled pod but for the obstacle, by name; empty when it is not about nodes.',
    reads: READS,
    read: ({ object }, view) => known(diagnosisOf(object, view)?.nodes ?? []),
  }),
]
