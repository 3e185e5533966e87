import type * as z from 'zod'
import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { kindOf } from '../cluster/store.ts'
import type { Past } from '../facts/past.ts'
import type { Finding } from '../findings/finding.ts'
import type { Tier } from '../policy/levels.ts'
import type { Change } from '../policy/proposal.ts'
import { plainText, truncate } from '../util/text.ts'
import type { Patch } from './request.ts'

/** Why an action is not for an object. A closed list: the words are shown to people. */
export const REFUSALS = [
  /** The object is not in the snapshot under that uid. */
  'not-held',
  /** The action is not for objects of this kind. */
  'wrong-kind',
  /** The dump gives no uid, or a name that no server would take. */
  'no-identity',
  'terminating',
  /** Something that it depends on was not looked at. */
  'not-seen',
  /** Nothing says what the parameters should be. */
  'no-proposal',
  /** What it would do is so already. */
  'already-done',
  /** The parameters are outside of what the action may write, or of what the namespace allows. */
  'out-of-bounds',
  'has-controller',
  'no-controller',
  /** The controller would not make a new one. */
  'not-replaced',
  /** It serves: more than what is dead would be lost. */
  'serving',
  'finished',
  'not-finished',
  'local-storage',
  /** Somebody marked it as not to be disturbed. */
  'do-not-disrupt',
  /** A change of its template would not reach its pods. */
  'paused',
  /** It runs nothing. */
  'at-zero',
  'no-limit',
  'no-available-revision',
  'no-rollout',
  /** Fewer replicas would delete the claims of those that go. */
  'deletes-claims',
  /** An autoscaler would undo it. */
  'autoscaler-wakes',
  /** Somebody else did what it would undo. */
  'not-ours',
  'in-use',
  'not-ready',
  'no-other-node',
  'goes-by-itself',
] as const
export type RefusalReason = (typeof REFUSALS)[number]

/** That an action is not for an object, and why. */
export interface Refusal {
  readonly refused: RefusalReason
  readonly detail: string
}

export const refuse = (refused: RefusalReason, detail: string): Refusal => ({
  refused,
  detail: truncate(plainText(detail), 300),
})

export const isRefusal = (outcome: object): outcome is Refusal => 'refused' in outcome

/** What of a finding a plan rests on. */
export type Grounds = Pick<
  Finding,
  'id' | 'rule' | 'target' | 'ownerComplete' | 'container' | 'managedBy' | 'subjects' | 'recommend'
>

export interface Context {
  readonly snapshot: Snapshot
  readonly finding: Grounds
  /** Milliseconds since 1970. */
  readonly now: number
  /** What is remembered; absent in a scan. */
  readonly past?: Past | undefined
}

/** One write that an action may do; nothing else is ever sent in its name. */
export interface Write {
  readonly verb: 'patch' | 'create' | 'delete'
  /** `plural.group`, with its subresource after a slash. */
  readonly resource: string
  /** JSON pointers; `*` stands for one part. The empty one is the whole object. */
  readonly pointers: readonly string[]
  /** What the values are limited to, in words. */
  readonly bounds?: string
}

/** What an action would do, before it is bound to a hash. */
export interface Draft {
  readonly changes: readonly Change[]
  /** The exact request; `null` where its body may not be carried around (see `rollback-workload`). */
  readonly patch: Patch | null
  /** One sentence for a person: what happens to what. */
  readonly effect: string
}

/** The kinds that an action may write to. */
interface Kinds {
  pods: 'Pod'
  nodes: 'Node'
  services: 'Service'
  persistentvolumeclaims: 'PersistentVolumeClaim'
  'deployments.apps': 'Deployment'
  'replicasets.apps': 'ReplicaSet'
  'statefulsets.apps': 'StatefulSet'
  'daemonsets.apps': 'DaemonSet'
  'jobs.batch': 'Job'
  'cronjobs.batch': 'CronJob'
  'horizontalpodautoscalers.autoscaling': 'HorizontalPodAutoscaler'
  'poddisruptionbudgets.policy': 'PodDisruptionBudget'
}

type Writable = keyof Kinds

/** An object of one of several kinds; `kind` tells which. */
export type ObjectAmong<R extends Writable> = { [K in R]: ObjectOf<K> & { readonly kind: Kinds[K] } }[R]

/** Whether an object is of one of the kinds. */
export const isAmong = <R extends Writable>(object: AnyObject, resources: readonly R[]): object is ObjectAmong<R> =>
  resources.some((resource) => resource === kindOf(object)?.resource)

/** One entry of the closed catalogue of what dogwatch can do. Every action is typed data; none is a command. */
export interface Action<P extends object = object, R extends Writable = Writable> {
  readonly name: string
  readonly tier: Tier
  readonly description: string
  /** The kinds of object it writes to. */
  readonly resources: readonly R[]
  readonly parameters: z.ZodType<P>
  readonly writes: readonly Write[]
  /** How it is undone; `null` where it cannot be. */
  readonly inverse: string | null
  /** The parameters that dogwatch itself would choose for this finding. */
  propose(object: ObjectAmong<R>, context: Context): P | Refusal
  /** What would be written. Pure: the same object, parameters and finding give the same draft. */
  plan(object: ObjectAmong<R>, parameters: P, context: Context): Draft | Refusal
}

/** Declares an action; only helps the compiler to know the object and the parameters. */
export const action = <P extends object, R extends Writable>(declared: Action<P, R>): Action => declared

/** The controller that an object names, held or not. */
export const controllerOf = ({ metadata }: AnyObject): { kind: string; name: string } | undefined => {
  const reference = metadata.ownerReferences?.find((owner) => owner.controller === true)
  return reference && { kind: reference.kind ?? '', name: reference.name ?? '' }
}
