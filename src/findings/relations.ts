import type { ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { isReady, podsOf, podsOfService, servicesSelecting } from '../facts/joins.ts'
import { refusalsOf } from '../facts/refusal.ts'
import { nodesWaitedFor } from '../facts/scheduling-diagnosis.ts'
import type { Subject } from '../facts/subject.ts'
import { claimNamesOfPod, namespacedName } from '../util/claim-names.ts'
import type { Match } from './match.ts'

type Keys = (match: Match, at: Moment) => readonly string[]

/** The cluster at one time, in milliseconds. */
interface Moment {
  readonly snapshot: Snapshot
  readonly now: number
}

/** How a cause finds what it explains: one match explains another when some key of the first is a key of the second. */
export interface Relation {
  readonly description: string
  readonly cause: Keys
  readonly effect: Keys
}

const relation = (description: string, cause: Keys, effect: Keys): Relation => ({ description, cause, effect })

const present = (keys: readonly (string | undefined)[]): readonly string[] => keys.filter((key) => key !== undefined)

const podOf = (subject: Subject): ObjectOf<'pods'> | undefined =>
  subject.kind === 'pod' || subject.kind === 'container' ? subject.object : undefined

/** The pods that a match is about and that do not serve: the pod itself, or those behind a workload, a Job or a Service. */
function brokenPods({ subject }: Match, { snapshot }: Moment): readonly ObjectOf<'pods'>[] {
  const itself = podOf(subject)
  if (itself) return [itself]
  const behind = subject.kind === 'service' ? podsOfService(subject.object, snapshot) : podsOf(subject.object, snapshot)
  return behind.filter((pod) => !isReady(pod))
}

const target: Keys = (match) => [match.target.uid]
const own: Keys = ({ subject }) => [subject.object.metadata.uid]
const chain: Keys = (match) => match.chain.map((object) => object.metadata.uid)
const podUid: Keys = ({ subject }) => present([podOf(subject)?.metadata.uid])
const container: Keys = (match) =>
  present([match.subject.container && `${match.target.uid}/${match.subject.container.name}`])
const namespace: Keys = ({ subject }) => present([subject.object.metadata.namespace])
const namespaceItself: Keys = ({ subject: { kind, object } }) => (kind === 'namespace' ? [object.metadata.name] : [])
const ownName: Keys = ({ subject: { object } }) => [namespacedName(object.metadata.namespace, object.metadata.name)]
const nodes: Keys = (match, at) => present(brokenPods(match, at).map((pod) => pod.spec?.nodeName))
const claims: Keys = (match, at) => brokenPods(match, at).flatMap(claimNamesOfPod)

const awaited: Keys = ({ subject }, { snapshot }) => {
  const pod = podOf(subject)
  return pod ? nodesWaitedFor(pod, snapshot) : []
}

function services({ subject }: Match, { snapshot }: Moment): readonly string[] {
  const labels =
    subject.kind === 'workload' ? subject.object.spec?.template?.metadata?.labels : podOf(subject)?.metadata.labels
  const found = servicesSelecting(labels, subject.object.metadata.namespace, snapshot)
  return found.map((service) => service.metadata.uid)
}

function formerClaim({ subject }: Match): readonly string[] {
  const claim = subject.kind === 'volume' ? subject.object.spec?.claimRef : undefined
  return present([claim?.name === undefined ? undefined : namespacedName(claim.namespace, claim.name)])
}

const scaled: Keys = ({ chain: objects }) =>
  objects.map(({ kind, metadata }) => `${kind}/${namespacedName(metadata.namespace, metadata.name)}`)

function scaleTarget({ subject }: Match): readonly string[] {
  const { namespace: where } = subject.object.metadata
  const to = subject.kind === 'autoscaler' ? subject.object.spec?.scaleTargetRef : undefined
  return present([to?.kind && to.name ? `${to.kind}/${namespacedName(where, to.name)}` : undefined])
}

/** Who refused the pods of a workload, as `quota:namespace/name` or `webhook:name`. */
const refusers: Keys = ({ subject }, { snapshot, now }) =>
  refusalsOf(subject.object, snapshot, now).map(({ cause, by }) =>
    cause === 'quota' ? `quota:${namespacedName(subject.object.metadata.namespace, by)}` : `${cause}:${by}`,
  )

function webhookNames({ subject }: Match): readonly string[] {
  const hooks = subject.kind === 'webhook' ? (subject.object.webhooks ?? []) : []
  return present(hooks.map((hook) => hook.name && `webhook:${hook.name}`))
}

/** Every relation that `inhibits` may name. */
export const RELATIONS: Readonly<Record<string, Relation>> = {
  'same-target': relation('both are about the same root owner', target, target),
  'same-container': relation('both are about the same container of the same root owner', container, container),
  'same-pod': relation('both are about the same pod', podUid, podUid),
  'pods-on-node': relation('the pods that do not serve run on the node', ownName, (match, at) =>
    nodes(match, at).map((node) => namespacedName(undefined, node)),
  ),
  'pods-waiting-for-node': relation('the pods would run on the node but for its state', ownName, (match, at) =>
    awaited(match, at).map((node) => namespacedName(undefined, node)),
  ),
  'pods-of-claim': relation('the pods that do not serve use the claim', ownName, claims),
  'pods-of-workload': relation('the pods belong to the workload', own, chain),
  'jobs-of-cronjob': relation('the Jobs were made by the CronJob', own, chain),
  'services-of-workload': relation('the Service selects the pods of the workload', services, own),
  'services-of-pod': relation('the Service selects the pod', services, own),
  'workload-of-autoscaler': relation('the autoscaler scales the workload', scaled, scaleTarget),
  'claims-of-volume': relation('the claim was bound to the volume', formerClaim, ownName),
  'objects-in-namespace': relation('the object is in the namespace', namespaceItself, namespace),
  'quota-named-in-refusal': relation('the quota is the one that refused the pods', refusers, (match, at) =>
    ownName(match, at).map((name) => `quota:${name}`),
  ),
  'refused-by-webhook': relation('the pods were refused by the webhook', webhookNames, refusers),
}
