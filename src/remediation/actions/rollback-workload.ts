import * as z from 'zod'
import type { ObjectOf } from '../../cluster/kinds.ts'
import type { Deployment } from '../../facts/workload-kind.ts'
import { action, isRefusal, refuse, type Context, type Refusal } from '../action.ts'
import { label, templateRefusal } from '../workloads.ts'

type ReplicaSet = ObjectOf<'replicasets.apps'>

const REVISION = 'deployment.kubernetes.io/revision'
const HASH = 'pod-template-hash'

/**
 * The patch is `null`: a template holds environment and commands, which may be secret and are never kept, shown or stored. What is bound is
 * which template: the ReplicaSet that holds it, by uid, and its hash, which changes with each byte. The write reads it live.
 */
export const rollbackWorkload = action({
  name: 'rollback-workload',
  tier: 'change',
  description: 'Gives a Deployment the pod template of an earlier revision that is available now.',
  resources: ['deployments.apps'],
  parameters: z.strictObject({
    revision: z.int().min(1).describe('The revision to go back to.'),
    replicaSet: z.string().min(1).describe('The ReplicaSet that holds it.'),
  }),
  writes: [
    {
      verb: 'patch',
      resource: 'deployments.apps',
      pointers: ['/spec/template'],
      bounds: 'the template of a ReplicaSet of the Deployment, without its pod-template-hash',
    },
  ],
  inverse: 'rollback-workload to the revision before',
  propose: (deployment, context) => {
    const goal = goalOf(deployment, context)
    return isRefusal(goal) ? goal : { revision: goal.revision, replicaSet: goal.set.metadata.name }
  },
  plan: (deployment, { revision, replicaSet }, context) => {
    const goals = goalsOf(deployment, context)
    if (isRefusal(goals)) return goals
    const { present, earlier } = goals
    const goal = earlier.find((one) => one.revision === revision && one.set.metadata.name === replicaSet)
    if (!goal) return refuse('no-available-revision', `revision ${revision} is not one that is available now`)
    return {
      changes: [{ pointer: '/spec/template', from: identify(present), to: identify(goal) }],
      patch: null,
      effect: `rolls ${label(deployment)} back from revision ${present.revision} to revision ${revision}${imageChanges(present.set, goal.set)}; the template is read from ReplicaSet ${replicaSet} when it is done`,
    }
  },
})

interface Revision {
  readonly revision: number
  readonly set: ReplicaSet
}

const identify = ({ revision, set }: Revision) => ({
  revision,
  replicaSet: set.metadata.uid,
  podTemplateHash: set.metadata.labels?.[HASH] ?? null,
})

interface Goals {
  readonly present: Revision
  /** Available now, the newest first. */
  readonly earlier: readonly Revision[]
}

function goalOf(deployment: Deployment, context: Context): Revision | Refusal {
  const goals = goalsOf(deployment, context)
  if (isRefusal(goals)) return goals
  return goals.earlier[0] ?? refuse('no-available-revision', 'no earlier revision is available now')
}

// Which revisions were available is recorded nowhere: only what is available now is known to have been.
function goalsOf(deployment: Deployment, context: Context): Goals | Refusal {
  const { metadata, status } = deployment
  const look = context.snapshot.look('replicasets.apps', metadata.namespace)
  if (typeof look === 'object') return refuse('not-seen', look.detail)
  const refusal = templateRefusal(deployment)
  if (refusal) return refusal
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return refuse('not-seen', 'its controller has not seen its newest template')
  const revisions = revisionsOf(deployment, context)
  const number = Number(metadata.annotations?.[REVISION] ?? Number.NaN)
  const present = revisions.find(({ revision }) => revision === number)
  if (!present) return refuse('not-seen', 'its present revision was not found')
  const earlier = revisions.filter(({ revision, set }) => revision < number && isSound(set, context))
  return { present, earlier }
}

const revisionsOf = ({ metadata }: Deployment, { snapshot }: Context): Revision[] =>
  snapshot
    .indexed('replicaSetsByOwner', metadata.uid)
    .map((set) => ({ revision: Number(set.metadata.annotations?.[REVISION] ?? Number.NaN), set }))
    .filter(({ revision }) => Number.isInteger(revision))
    .toSorted((a, b) => b.revision - a.revision)

// A revision whose own pods are among what is broken is no way out.
function isSound(set: ReplicaSet, { snapshot, finding }: Context): boolean {
  if ((set.status?.availableReplicas ?? 0) === 0 || set.metadata.labels?.[HASH] === undefined) return false
  const broken = new Set(finding.subjects.sample.map(({ uid }) => uid))
  return !snapshot.indexed('podsByOwner', set.metadata.uid).some((pod) => broken.has(pod.metadata.uid))
}

function imageChanges(present: ReplicaSet, goal: ReplicaSet): string {
  const before = imagesByName(present)
  const changes = [...imagesByName(goal)].flatMap(([name, image]) => {
    const old = before.get(name)
    return old === image ? [] : `${name}: ${old ?? 'no image'} → ${image}`
  })
  return changes.length === 0 ? '' : ` (${changes.join(', ')})`
}

function imagesByName({ spec }: ReplicaSet): ReadonlyMap<string, string> {
  const { initContainers = [], containers = [] } = spec?.template?.spec ?? {}
  return new Map([...initContainers, ...containers].map(({ name = '', image = '' }) => [name, image]))
}
