import type { AnyObject } from '../cluster/kinds.ts'
import type { Target } from '../findings/finding.ts'
import { nameOf } from '../findings/match.ts'
import type { Change } from '../policy/proposal.ts'
import { canonicalJson, sha256 } from '../util/hash.ts'
import { byKeys } from '../util/order.ts'
import { plainText, truncate } from '../util/text.ts'
import { isAmong, isRefusal, refuse, type Action, type Context, type Refusal } from './action.ts'
import type { Patch } from './request.ts'

/** What one action would do to one object, bound to a hash that an approval names. */
export interface Plan {
  readonly action: string
  readonly object: Target
  readonly parameters: Readonly<Record<string, unknown>>
  /** By pointer. */
  readonly changes: readonly Change[]
  readonly patch: Patch | null
  readonly effect: string
  /** Of the action, the object, the parameters and each value before and after: a plan that is still right keeps its hash. */
  readonly planHash: string
}

const byPointer = byKeys(({ pointer }: Change) => [pointer])

// Images and names in it come from the cluster, and nothing there is checked in a dump.
const LONGEST = 500

// What a server takes as a name, and no path may leave its place by.
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/** Plans an action on an object of the snapshot. Without `parameters` the action proposes its own. */
export function plan(action: Action, object: AnyObject, context: Context, parameters?: unknown): Plan | Refusal {
  if (!isAmong(object, action.resources)) return refuse('wrong-kind', `${action.name} is not for a ${object.kind}`)
  const refusal = refusalOf(object, context)
  if (refusal) return refusal
  const chosen = parameters === undefined ? action.propose(object, context) : read(action, parameters)
  if (isRefusal(chosen)) return chosen
  const draft = action.plan(object, chosen, context)
  if (isRefusal(draft)) return draft
  const { apiVersion, kind, metadata } = object
  const identity = { apiVersion, kind, namespace: metadata.namespace, name: metadata.name, uid: metadata.uid }
  const changes = draft.changes.toSorted(byPointer)
  const bound = { action: action.name, object: identity, parameters: { ...chosen }, changes }
  return {
    ...bound,
    patch: draft.patch,
    effect: truncate(plainText(draft.effect), LONGEST),
    planHash: sha256(canonicalJson(bound)),
  }
}

function read(action: Action, parameters: unknown): object | Refusal {
  const result = action.parameters.safeParse(parameters)
  return result.success ? result.data : refuse('out-of-bounds', result.error.issues[0]?.message ?? 'parameters')
}

function refusalOf(object: AnyObject, { snapshot }: Context): Refusal | undefined {
  const { kind, metadata } = object
  const { namespace, name, uid } = metadata
  const label = nameOf({ kind, namespace, name })
  if (snapshot.byUid(uid) !== object) return refuse('not-held', `${label} is not in this look`)
  // A dump without uids gives objects a name in its place, which no server knows.
  if (uid === `${kind}/${namespace ?? ''}/${name}`) return refuse('no-identity', `${label} has no uid`)
  if (![name, ...(namespace === undefined ? [] : [namespace])].every((part) => NAME.test(part)))
    return refuse('no-identity', `${label} is no name of Kubernetes`)
  return metadata.deletionTimestamp === undefined ? undefined : refuse('terminating', `${label} is being deleted`)
}
