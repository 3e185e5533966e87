import type { ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { claimNamesOfVolumes, namespacedName } from '../util/claim-names.ts'
import { formatTime, parseTime } from '../util/time.ts'
import { fillOf } from './claim-fill.ts'
import { CLAIM_HOLDERS, templateNaming } from './claim-holders.ts'
import { goneSet, seatsOf } from './claim-ordinal.ts'
import { conditionOf, conditionSince } from './condition.ts'
import { unknown, type Unknown } from './reading.ts'
import { isOver } from './scheduling-resources.ts'
import { containersOf, type View } from './subject.ts'
import { readSuppression } from './suppression.ts'

type Claim = ObjectOf<'persistentvolumeclaims'>
type Pod = ObjectOf<'pods'>

/** What a claim is for, in the order in which it is asked; the first that fits is the answer. Before all of them stands `unknown`. */
export const CLAIM_USES = [
  'in-use',
  'reserved-template',
  'reserved-ordinal',
  'sts-surplus-ordinal',
  'sts-gone',
  'owned',
  'data-source',
  'pending-wffc',
  'held',
  'completed-only',
  'orphaned',
] as const
export type ClaimUse = (typeof CLAIM_USES)[number]

/** What a claim is for, and how that is known. */
export interface Use {
  readonly use: ClaimUse
  readonly words: string
  /** Who left it behind. */
  readonly leftBy?: string
  /** When the answer changes by itself, in milliseconds. */
  readonly until?: number | undefined
}

type Verdict = (claim: Claim, view: View) => Use | Unknown | undefined

const VERDICTS: readonly Verdict[] = [
  blind,
  inUse,
  reservedByTemplate,
  ordinal,
  gone,
  owned,
  dataSource,
  pendingConsumer,
  held,
  completedOnly,
  () => ({ use: 'orphaned', words: 'no pod, workload, Job, CronJob, StatefulSet or snapshot refers to it' }),
]

/** What a claim is for; unknown where something that may need it was not looked at. */
export function useOf(claim: Claim, view: View): Use | Unknown {
  for (const verdict of VERDICTS) {
    const found = verdict(claim, view)
    if (found) return found
  }
  return unknown('not-computable')
}

const keyOf = ({ metadata }: Claim): string => namespacedName(metadata.namespace, metadata.name)

const OPTIONAL_HOLDERS = ['volumesnapshots.snapshot.storage.k8s.io', ...CLAIM_HOLDERS]

function blind({ metadata }: Claim, view: View): Unknown | undefined {
  for (const resource of OPTIONAL_HOLDERS) {
    const look = view.snapshot.look(resource, metadata.namespace)
    if (typeof look === 'object' && look.unknown !== 'not-installed') return unknown(look.unknown, look.detail)
  }
  return missingPods(metadata.namespace, view)
}

// A list that came back empty by mistake (a wrong kind, a filter) made other tools call every claim unused.
function missingPods(namespace: string | undefined, view: View): Unknown | undefined {
  const { snapshot } = view
  if (snapshot.holds('pods', namespace ?? '')) return undefined
  const witness = witnessOfPods(namespace, snapshot)
  if (witness !== undefined) return unknown('not-held', `no pods in the namespace, though ${witness} has some`)
  const everywhere = !snapshot.holds('pods') && snapshot.look('pods') === 'listed' && snapshot.holds('nodes')
  return everywhere ? unknown('not-held', 'no pods at all, though there are nodes') : undefined
}

/** An object that says that there are pods in a namespace. */
function witnessOfPods(namespace: string | undefined, snapshot: Snapshot): string | undefined {
  const counts = [
    ...snapshot.within('pods.metrics.k8s.io', namespace).map((object) => ({ object, count: 1 })),
    ...snapshot.within('jobs.batch', namespace).map((object) => ({ object, count: object.status?.active })),
    ...snapshot
      .within('daemonsets.apps', namespace)
      .map((object) => ({ object, count: object.status?.currentNumberScheduled })),
    ...snapshot.within('statefulsets.apps', namespace).map((object) => ({ object, count: object.status?.replicas })),
    ...snapshot.within('replicasets.apps', namespace).map((object) => ({ object, count: object.status?.replicas })),
  ]
  const telling = counts.find(({ count = 0 }) => count > 0)
  return telling && `${telling.object.kind} ${telling.object.metadata.name}`
}

/** The pods that use a claim, ended ones too: they name it, or it was made for a volume of theirs. */
export function usersOf(claim: Claim, snapshot: Snapshot): Pod[] {
  const owners = new Set((claim.metadata.ownerReferences ?? []).map(({ uid }) => uid))
  return snapshot
    .indexed('podsByClaim', keyOf(claim))
    .filter(
      ({ metadata, spec }) =>
        claimNamesOfVolumes(spec?.volumes, metadata.namespace).includes(keyOf(claim)) || owners.has(metadata.uid),
    )
}

function inUse(claim: Claim, { snapshot }: View): Use | undefined {
  const user = usersOf(claim, snapshot).find((pod) => !isOver(pod))
  return user && { use: 'in-use', words: `pod ${user.metadata.name} uses it` }
}

function reservedByTemplate(claim: Claim, { snapshot }: View): Use | undefined {
  const object = templateNaming(claim, snapshot)
  return object && { use: 'reserved-template', words: `${object.kind} ${object.metadata.name} names it` }
}

function ordinal(claim: Claim, { snapshot }: View): Use | undefined {
  const seats = seatsOf(claim, snapshot)
  const seat = seats.find(({ inside }) => inside) ?? seats[0]
  if (!seat) return undefined
  const who = `${seat.object.kind} ${seat.object.metadata.name}`
  if (seat.inside) return { use: 'reserved-ordinal', words: `${who} uses it for its ordinal ${seat.ordinal}` }
  const has = `${seat.replicas ?? 0} ${seat.replicas === 1 ? 'replica' : 'replicas'}`
  const words = `left by ${who}, which now has ${has} and none with ordinal ${seat.ordinal}; scaled up again it would use the claim (whenScaled ${seat.retention ?? 'unknown'})`
  return { use: 'sts-surplus-ordinal', words, leftBy: who }
}

function gone(claim: Claim, { snapshot }: View): Use | undefined {
  const set = (claim.metadata.ownerReferences ?? []).length > 0 ? undefined : goneSet(claim, snapshot)
  if (set === undefined) return undefined
  return { use: 'sts-gone', words: `left by StatefulSet ${set}, which no longer exists`, leftBy: `StatefulSet ${set}` }
}

function owned(claim: Claim, { snapshot }: View): Use | undefined {
  const [owner] = claim.metadata.ownerReferences ?? []
  if (!owner) return undefined
  const who = `${owner.kind ?? ''} ${owner.name ?? ''}`
  const lives = owner.uid !== undefined && snapshot.byUid(owner.uid) !== undefined
  return {
    use: 'owned',
    words: lives ? `${who} owns it` : `${who}, which owned it, is not there; garbage collection decides`,
  }
}

function dataSource(claim: Claim, { snapshot }: View): Use | undefined {
  const copy = snapshot.indexed('claimsBySource', keyOf(claim)).find(({ status }) => status?.phase !== 'Bound')
  if (copy) return { use: 'data-source', words: `claim ${copy.metadata.name} is being copied from it` }
  const taken = snapshot.indexed('snapshotsByClaim', keyOf(claim)).find(({ status }) => status?.readyToUse !== true)
  if (taken) return { use: 'data-source', words: `VolumeSnapshot ${taken.metadata.name} is being made of it` }
  const backup = Object.keys(claim.metadata.annotations ?? {}).find((key) => key.startsWith('backup.velero.io/'))
  return backup === undefined ? undefined : { use: 'data-source', words: `annotation ${backup} is for backups of it` }
}

function pendingConsumer(claim: Claim, { snapshot }: View): Use | Unknown | undefined {
  const fill = fillOf(claim, snapshot)
  if ('unknown' in fill) return fill
  return fill.state === 'waiting-for-consumer' ? { use: 'pending-wffc', words: fill.words } : undefined
}

const PROTECTION = 'kubernetes.io/pvc-protection'

function held(claim: Claim, { now }: View): Use | undefined {
  const { annotations, deletionTimestamp, finalizers = [] } = claim.metadata
  const mark = readSuppression(annotations, now)
  if (mark?.problem === null && mark.rules.includes('orphaned-claim'))
    return { use: 'held', words: `an annotation says so: ${mark.reason ?? ''}`, until: mark.until }
  if (deletionTimestamp !== undefined) return { use: 'held', words: 'it is being deleted' }
  const finalizer = finalizers.find((name) => name !== PROTECTION)
  return finalizer === undefined ? undefined : { use: 'held', words: `finalizer ${finalizer} holds it` }
}

function completedOnly(claim: Claim, { snapshot }: View): Use | undefined {
  const [last] = usersOf(claim, snapshot).toSorted((a, b) => (endOf(b) ?? 0) - (endOf(a) ?? 0))
  if (!last) return undefined
  const end = endOf(last)
  const when = end === undefined ? '' : ` at ${formatTime(end)}`
  return {
    use: 'completed-only',
    words: `only pods that have ended refer to it, the last, ${last.metadata.name}, ended${when}`,
  }
}

/** When the last container of a pod ended, in milliseconds. */
function endOf(pod: Pod): number | undefined {
  const ends = containersOf(pod).map(({ status }) => parseTime(status?.state?.terminated?.finishedAt))
  return ends.reduce((a, b) => (a === undefined || (b !== undefined && b > a) ? b : a), undefined)
}

/**
 * Since when a claim is provably unused, in milliseconds: what the `Unused` condition says (never longer than the truth), not before the
 * claim was made nor before the last pod that used it ended. Without the condition one look proves nothing.
 */
export function unusedSince(claim: Claim, { snapshot, now }: View): number | undefined {
  const condition = conditionOf(claim.status?.conditions, 'Unused')
  const said = condition?.status === 'True' ? conditionSince(condition) : undefined
  if (said === undefined || said > now) return undefined
  const ends = usersOf(claim, snapshot).map((pod) => endOf(pod) ?? 0)
  return Math.max(said, parseTime(claim.metadata.creationTimestamp) ?? 0, ...ends)
}
