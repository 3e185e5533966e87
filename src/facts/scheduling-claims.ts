import type { ObjectOf } from '../cluster/kinds.ts'
import type { NodeTerm } from '../cluster/projection/pod-spec.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { claimNamesOfPod, namespacedName } from '../util/claim-names.ts'
import { fillOf } from './claim-fill.ts'
import { classOf, fittingVolumes } from './claim-volume.ts'
import type { NeighbourCheck } from './scheduling-neighbours.ts'
import { SCHEDULING_OBSTACLES, type Hindrance } from './scheduling-obstacle.ts'
import { formatTerms, matchesNodeTerm } from './scheduling-placement.ts'
import { isOver } from './scheduling-resources.ts'

type Pod = ObjectOf<'pods'>
type Claim = ObjectOf<'persistentvolumeclaims'>
type Volume = ObjectOf<'persistentvolumes'>

/** What the claims of a pod do to it. */
export interface ClaimsOfPod {
  /** What is wrong with a claim, so that no node will do. */
  readonly trouble: Hindrance | undefined
  /** Claims that are filled once a node is chosen. */
  readonly waiting: readonly Claim[]
  /** Claims that were not looked at, or whose class or volume was not. */
  readonly unseen: readonly string[]
  /** Where the volumes can be used. */
  readonly checks: readonly NeighbourCheck[]
}

/** Reads the claims of a pod, by name. */
export function claimsOfPod(pod: Pod, snapshot: Snapshot): ClaimsOfPod {
  const { namespace = '' } = pod.metadata
  const names = claimNamesOfPod(pod).map((key) => key.slice(namespace.length + 1))
  const views = names.toSorted().map((name) => viewOf(name, pod, snapshot))
  const order = ({ obstacle }: Hindrance): number => SCHEDULING_OBSTACLES.indexOf(obstacle)
  const troubles = views.map(({ trouble }) => trouble).filter((trouble) => trouble !== undefined)
  return {
    trouble: troubles.toSorted((a, b) => order(a) - order(b))[0],
    waiting: views.flatMap(({ waiting }) => waiting ?? []),
    unseen: views.flatMap(({ unseen }) => unseen ?? []),
    checks: views.flatMap(({ check }) => check ?? []),
  }
}

interface ClaimView {
  readonly trouble?: Hindrance
  readonly waiting?: Claim
  readonly unseen?: string
  readonly check?: NeighbourCheck
}

const troubled = (obstacle: Hindrance['obstacle'], words: string): ClaimView => ({ trouble: { obstacle, words } })

function viewOf(name: string, pod: Pod, snapshot: Snapshot): ClaimView {
  const { namespace } = pod.metadata
  if (snapshot.look('persistentvolumeclaims', namespace) !== 'listed') return { unseen: `claim ${name}` }
  const claim = snapshot.get('persistentvolumeclaims', namespace, name)
  if (!claim) return troubled('claim-missing', `claim ${name} does not exist`)
  if (claim.metadata.deletionTimestamp !== undefined)
    return troubled('claim-deleting', `claim ${name} is being deleted`)
  const fill = fillOf(claim, snapshot)
  if ('unknown' in fill) return { unseen: `claim ${name}` }
  if (fill.state === 'bound') return viewOfBound(claim, pod, snapshot)
  if (fill.state === 'waiting-for-consumer') return { waiting: claim, ...waitingCheck(claim, snapshot) }
  if (fill.obstacle === 'class-missing') return troubled('claim-class', `claim ${name} cannot be filled: ${fill.words}`)
  return troubled('claim-unbound', `claim ${name} is not bound: ${fill.words}`)
}

function viewOfBound(claim: Claim, pod: Pod, snapshot: Snapshot): ClaimView {
  const { name, namespace } = claim.metadata
  const volumeName = claim.spec?.volumeName ?? ''
  const user = snapshot
    .indexed('podsByClaim', namespacedName(namespace, name))
    .find((other) => other.metadata.uid !== pod.metadata.uid && other.spec?.nodeName !== undefined && !isOver(other))
  if (user && (claim.spec?.accessModes ?? []).includes('ReadWriteOncePod'))
    return troubled(
      'claim-in-use',
      `claim ${name} is for one pod alone (ReadWriteOncePod), and pod ${user.metadata.name} uses it`,
    )
  if (typeof snapshot.look('persistentvolumes') === 'object') return { unseen: `volume ${volumeName}` }
  const volume = snapshot.get('persistentvolumes', undefined, volumeName)
  if (!volume) return troubled('claim-unbound', `claim ${name} is bound to volume ${volumeName}, which does not exist`)
  return { check: volumeCheck(volume, `volume ${volumeName} of claim ${name}`) }
}

const ZONES = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'] as const

/** Where a volume can be used: by its node affinity, and by the zone that old provisioners wrote as a label. */
function volumeCheck(volume: Volume, what: string): NeighbourCheck {
  const terms = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms
  const zones = ZONES.flatMap((key) => {
    const zone = volume.metadata.labels?.[key]
    return zone === undefined ? [] : [{ matchExpressions: [{ key, operator: 'In', values: zone.split('__') }] }]
  })
  return (node) => {
    if (terms && !terms.some((term) => matchesNodeTerm(term, node))) return outside(what, terms)
    const missed = zones.find((term) => {
      const key = term.matchExpressions[0]?.key ?? ''
      // The scheduler asks for the zone only of nodes that are in one.
      return node.metadata.labels?.[key] !== undefined && !matchesNodeTerm(term, node)
    })
    return missed && outside(what, [missed])
  }
}

const outside = (what: string, terms: readonly NodeTerm[]): Hindrance => ({
  obstacle: 'volume-zone',
  words: `${what} can be used only where ${formatTerms(terms)}`,
})

/** Where a volume for a claim can be made, or where one that fits is. */
function waitingCheck(claim: Claim, snapshot: Snapshot): { check?: NeighbourCheck } {
  const what = `the volume for claim ${claim.metadata.name}`
  const held = snapshot.get('storageclasses.storage.k8s.io', undefined, classOf(claim) ?? '')
  if (held?.provisioner === 'kubernetes.io/no-provisioner') return localCheck(claim, snapshot)
  const terms = (held?.allowedTopologies ?? []).map(({ matchLabelExpressions = [] }) => ({
    matchExpressions: matchLabelExpressions.map((expression) => ({ ...expression, operator: 'In' })),
  }))
  if (terms.length === 0) return {}
  return { check: (node) => (terms.some((term) => matchesNodeTerm(term, node)) ? undefined : outside(what, terms)) }
}

function localCheck(claim: Claim, snapshot: Snapshot): { check?: NeighbourCheck } {
  const volumes = fittingVolumes(claim, snapshot)
  if (volumes.length === 0 || snapshot.look('persistentvolumes') !== 'listed') return {}
  const checks = volumes.map((volume) =>
    volumeCheck(volume, `volume ${volume.metadata.name}, which fits claim ${claim.metadata.name},`),
  )
  return {
    check: (node) => {
      const found = checks.map((check) => check(node))
      return found.includes(undefined) ? undefined : found[0]
    },
  }
}
