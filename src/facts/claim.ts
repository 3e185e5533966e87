import type { ObjectOf } from '../cluster/kinds.ts'
import { parseTime } from '../util/time.ts'
import { CLAIM_OBSTACLES, CLAIM_STATES, fillOf, type Fill } from './claim-fill.ts'
import { CLAIM_USES, unusedSince, useOf, usersOf, type Use } from './claim-use.ts'
import { classOf } from './claim-volume.ts'
import { conditionOf, conditionSince } from './condition.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { known, type Known, type Reading, type Value } from './reading.ts'
import { sentence } from './scheduling.ts'
import { isOver } from './scheduling-resources.ts'
import type { View } from './subject.ts'

type Claim = ObjectOf<'persistentvolumeclaims'>

// Each is asked for only where the claim depends on it: a bound claim needs none of them.
const FILL_READS: readonly Read[] = [
  { resource: 'persistentvolumeclaims', optional: true },
  { resource: 'persistentvolumes', optional: true },
  { resource: 'storageclasses.storage.k8s.io', optional: true },
  { resource: 'volumesnapshots.snapshot.storage.k8s.io', optional: true },
  { resource: 'pods', index: 'podsByClaim', optional: true },
  { resource: 'events', index: 'eventsByObject', optional: true },
]

const ofFill =
  (read: (fill: Fill, claim: Claim, view: View) => Known) =>
  ({ object }: { readonly object: Claim }, view: View): Reading => {
    const fill = fillOf(object, view.snapshot)
    return 'unknown' in fill ? fill : read(fill, object, view)
  }

/** Since when a claim has been without a volume, in milliseconds: since it was made, unless its class had it wait for a pod. */
function unfilledSince(claim: Claim, { snapshot }: View): number | undefined {
  const held = snapshot.get('storageclasses.storage.k8s.io', undefined, classOf(claim) ?? '')
  return held?.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : parseTime(claim.metadata.creationTimestamp)
}

// By namespace, not by an index alone: whether there are pods at all, and who says so, decides whether the list of pods can be trusted.
const USE_READS: readonly Read[] = [
  { resource: 'pods' },
  { resource: 'persistentvolumeclaims', index: 'claimsBySource' },
  { resource: 'statefulsets.apps' },
  { resource: 'deployments.apps' },
  { resource: 'replicasets.apps' },
  { resource: 'daemonsets.apps' },
  { resource: 'jobs.batch' },
  { resource: 'cronjobs.batch', index: 'cronJobsByClaim' },
  { resource: 'controllerrevisions.apps', optional: true },
  { resource: 'horizontalpodautoscalers.autoscaling', optional: true },
  { resource: 'volumesnapshots.snapshot.storage.k8s.io', optional: true },
  { resource: 'storageclasses.storage.k8s.io', optional: true },
  { resource: 'persistentvolumes', optional: true },
  { resource: 'nodes', optional: true },
  { resource: 'events', index: 'eventsByObject', optional: true },
  { resource: 'pods.metrics.k8s.io', optional: true },
]

const ofUse =
  (read: (use: Use, claim: Claim, view: View) => Known) =>
  ({ object }: { readonly object: Claim }, view: View): Reading => {
    const use = useOf(object, view)
    return 'unknown' in use ? use : read(use, object, view)
  }

const IS_LEFT = new Set<Value>(['sts-surplus-ordinal', 'sts-gone', 'completed-only', 'orphaned'])

const UNUSED_ANSWERS = ['absent', 'unused', 'in-use', 'contradicted'] as const

/** What the `Unused` condition says; pods win over it. */
function readUnusedCondition(claim: Claim, { snapshot }: View): Reading {
  const condition = conditionOf(claim.status?.conditions, 'Unused')
  if (!condition) return known('absent')
  const used = usersOf(claim, snapshot).some((pod) => !isOver(pod))
  const says = condition.status === 'True' ? 'unused' : 'in-use'
  const seen = used ? 'in-use' : 'unused'
  return says === seen ? known(says, { since: conditionSince(condition) }) : known('contradicted')
}

const WITNESSES: readonly (readonly [Read['resource'], string])[] = [
  ['controllerrevisions.apps', 'old revisions of StatefulSets and DaemonSets'],
  ['horizontalpodautoscalers.autoscaling', 'autoscalers that may scale a StatefulSet up'],
  ['persistentvolumes', 'the volume, its size and its reclaim policy'],
]

function missingEvidence(claim: Claim, { snapshot }: View): string[] {
  const blind = WITNESSES.filter(([resource]) => typeof snapshot.look(resource, claim.metadata.namespace) === 'object')
  const dated = conditionOf(claim.status?.conditions, 'Unused') !== undefined
  return [
    ...blind.map(([, words]) => words),
    ...(dated ? [] : ['since when it is unused (it has no Unused condition)']),
  ]
}

/** Whether a claim gets its volume, and whether anybody needs it. */
export const CLAIM_FACTS: readonly Fact[] = [
  fact({
    name: 'claimState',
    subjects: ['claim'],
    type: 'string',
    values: CLAIM_STATES,
    description:
      'How far the claim is from its volume: bound; waiting for a pod to be placed, which is no fault; unfilled; or lost, when its volume is gone.',
    reads: FILL_READS,
    read: ofFill(({ state }, claim, view) =>
      known(state, { since: state === 'unfilled' ? unfilledSince(claim, view) : undefined }),
    ),
  }),
  fact({
    name: 'claimObstacle',
    subjects: ['claim'],
    type: 'string',
    values: CLAIM_OBSTACLES,
    description: 'What keeps the claim from its volume, computed from its class and from volumes.',
    reads: FILL_READS,
    read: ofFill(({ obstacle }) => known(obstacle)),
  }),
  fact({
    name: 'claimExplanation',
    subjects: ['claim'],
    type: 'string',
    description: 'What keeps the claim from its volume, in one sentence with names.',
    reads: FILL_READS,
    read: ofFill(({ words }) => known(sentence(words))),
  }),
  fact({
    name: 'claimUse',
    subjects: ['claim'],
    type: 'string',
    values: CLAIM_USES,
    description:
      'What the claim is for; the first that fits: a pod uses it, a template names it, a StatefulSet needs its ordinal, a StatefulSet that is smaller now or gone left it, an object owns it, it is being copied, it waits for its first pod, somebody holds it, only pods that have ended refer to it, nothing refers to it. Unknown where anything that may need it was not looked at.',
    reads: USE_READS,
    read: ofUse(({ use, until }, claim, view) =>
      known(use, { until, since: IS_LEFT.has(use) ? unusedSince(claim, view) : undefined }),
    ),
  }),
  fact({
    name: 'claimUseExplanation',
    subjects: ['claim'],
    type: 'string',
    description: 'Who uses or keeps the claim, or who left it, in one sentence.',
    reads: USE_READS,
    read: ofUse(({ words }) => known(sentence(words))),
  }),
  fact({
    name: 'claimLeftBy',
    subjects: ['claim'],
    type: 'string',
    nullable: true,
    description: 'The StatefulSet that left the claim when it was scaled down or deleted; null when it was none.',
    reads: USE_READS,
    read: ofUse(({ leftBy }) => known(leftBy === undefined ? null : sentence(leftBy))),
  }),
  fact({
    name: 'claimUnusedCondition',
    subjects: ['claim'],
    type: 'string',
    values: UNUSED_ANSWERS,
    description:
      'What the `Unused` condition of the claim (KEP-5541) says; `contradicted` when pods say otherwise, and then pods are right.',
    reads: [{ resource: 'pods', index: 'podsByClaim' }],
    read: ({ object }, view) => readUnusedCondition(object, view),
  }),
  fact({
    name: 'missingEvidence',
    subjects: ['claim'],
    type: 'strings',
    nullable: true,
    description:
      'What would make a verdict on the use of the claim surer and could not be read; null when nothing is missing.',
    reads: WITNESSES.map(([resource]) => ({ resource, optional: true })),
    read({ object }, view) {
      const missing = missingEvidence(object, view)
      return known(missing.length > 0 ? missing : null)
    },
  }),
  fact({
    name: 'claimDeleted',
    subjects: ['claim'],
    type: 'boolean',
    description: 'Whether somebody has deleted the claim; it goes when nothing holds it any more.',
    reads: [],
    read: ({ object: { metadata } }) =>
      metadata.deletionTimestamp === undefined
        ? known(false, { since: parseTime(metadata.creationTimestamp) })
        : known(true, { since: parseTime(metadata.deletionTimestamp) }),
  }),
]
