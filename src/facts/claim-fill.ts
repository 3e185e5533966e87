import type { ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { namespacedName } from '../util/claim-names.ts'
import { classOf, fittingVolumes, freeVolumes, misfitOf, sourceOf } from './claim-volume.ts'
import { sightingsOf } from './events.ts'
import { unknown, type Unknown } from './reading.ts'
import { isOver } from './scheduling-resources.ts'

type Claim = ObjectOf<'persistentvolumeclaims'>
type Volume = ObjectOf<'persistentvolumes'>
type StorageClass = ObjectOf<'storageclasses.storage.k8s.io'>

export const CLAIM_STATES = ['bound', 'waiting-for-consumer', 'unfilled', 'lost'] as const
export const CLAIM_OBSTACLES = [
  'none',
  'waiting-for-consumer',
  'class-missing',
  'no-default-class',
  'no-volume',
  'volume-missing',
  'volume-taken',
  'volume-unfit',
  'data-source-missing',
  'provisioning-failed',
  'not-provisioned',
  'volume-lost',
] as const

/** How far a claim is from having its volume, and what stands in the way. */
export interface Fill {
  readonly state: (typeof CLAIM_STATES)[number]
  readonly obstacle: (typeof CLAIM_OBSTACLES)[number]
  /** What stands in the way, with names, not yet made safe for a terminal. */
  readonly words: string
}

const unfilled = (obstacle: Fill['obstacle'], words: string): Fill => ({ state: 'unfilled', obstacle, words })
const WAITING: Fill = {
  state: 'waiting-for-consumer',
  obstacle: 'waiting-for-consumer',
  words: 'its class binds when a pod that uses it is placed',
}

const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const NO_PROVISIONER = 'kubernetes.io/no-provisioner'
const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

/** Says whether a claim has its volume, and if not, what stands in the way; unknown where what it refers to was not looked at. */
export function fillOf(claim: Claim, snapshot: Snapshot): Fill | Unknown {
  const { volumeName } = claim.spec ?? {}
  const phase = claim.status?.phase
  if (phase === 'Bound') return { state: 'bound', obstacle: 'none', words: 'it is bound' }
  if (phase === 'Lost')
    return { state: 'lost', obstacle: 'volume-lost', words: `its volume ${volumeName ?? ''} is gone` }
  return volumeName ? fillByName(claim, volumeName, snapshot) : fillByClass(claim, classOf(claim), snapshot)
}

function fillByName(claim: Claim, name: string, snapshot: Snapshot): Fill | Unknown {
  const look = snapshot.look('persistentvolumes')
  if (typeof look === 'object') return unknown(look.unknown, look.detail)
  const volume = snapshot.get('persistentvolumes', undefined, name)
  if (!volume) return unfilled('volume-missing', `volume ${name}, which it names, does not exist`)
  const holder = holderOf(volume, claim)
  if (holder !== undefined) return unfilled('volume-taken', `volume ${name}, which it names, ${holder}`)
  const misfit = misfitOf(volume, claim)
  if (misfit !== undefined) return unfilled('volume-unfit', `volume ${name}, which it names, does not fit: ${misfit}`)
  return unfilled('not-provisioned', `volume ${name}, which it names, is not bound to it yet`)
}

// A volume kept after its claim was deleted names that claim by uid: a new claim of the same name is another.
function holderOf({ spec }: Volume, { metadata }: Claim): string | undefined {
  const { namespace, name, uid } = spec?.claimRef ?? {}
  if (name === undefined) return undefined
  const who = namespacedName(namespace, name)
  if (who !== namespacedName(metadata.namespace, metadata.name)) return `belongs to claim ${who}`
  return uid === undefined || uid === metadata.uid
    ? undefined
    : `still belongs to a deleted claim ${who} of the same name`
}

function fillWithoutClass(claim: Claim, snapshot: Snapshot): Fill {
  const standard = snapshot.all('storageclasses.storage.k8s.io').find(isDefault)
  if (standard)
    return unfilled('not-provisioned', `it names no class and has not got the default one, ${standard.metadata.name}`)
  const filled = fillByHand(claim, 'it names no StorageClass and got no default one', snapshot)
  return filled.obstacle === 'no-volume' ? { ...filled, obstacle: 'no-default-class' } : filled
}

const isDefault = ({ metadata }: StorageClass): boolean =>
  DEFAULT_CLASS.some((key) => metadata.annotations?.[key] === 'true')

// The controller binds a fitting volume within seconds, so a claim that stays Pending has none, whether or not all volumes were looked at.
function fillByHand(claim: Claim, why: string, snapshot: Snapshot): Fill {
  const free = freeVolumes(snapshot)
  const fitting = free.find((volume) => misfitOf(volume, claim) === undefined)
  if (fitting) return unfilled('not-provisioned', `volume ${fitting.metadata.name} fits and is not bound to it yet`)
  const seen =
    snapshot.look('persistentvolumes') === 'listed' ? `none of the ${free.length} free volumes fits` : 'no volume fits'
  return unfilled('no-volume', `${why}, and ${seen}`)
}

const SOURCES = new Map<string, 'persistentvolumeclaims' | 'volumesnapshots.snapshot.storage.k8s.io'>([
  ['PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['VolumeSnapshot', 'volumesnapshots.snapshot.storage.k8s.io'],
])

function missingSource(claim: Claim, snapshot: Snapshot): Fill | undefined {
  const source = sourceOf(claim)
  const resource = source && SOURCES.get(source.kind)
  if (!resource || snapshot.look(resource, source.namespace) !== 'listed') return undefined
  if (snapshot.get(resource, source.namespace, source.name)) return undefined
  return unfilled('data-source-missing', `${source.kind} ${source.name}, which it copies, does not exist`)
}

function fillByClass(claim: Claim, name: string | undefined, snapshot: Snapshot): Fill | Unknown {
  if (name === undefined) return fillWithoutClass(claim, snapshot)
  if (name === '') return fillByHand(claim, 'its class is "", so only a volume made by hand fills it', snapshot)
  const look = snapshot.look('storageclasses.storage.k8s.io')
  if (typeof look === 'object') return unknown(look.unknown, look.detail)
  const held = snapshot.get('storageclasses.storage.k8s.io', undefined, name)
  if (!held) return unfilled('class-missing', `StorageClass ${name} does not exist`)
  return missingSource(claim, snapshot) ?? fillByProvisioner(claim, held, snapshot)
}

function fillByProvisioner(claim: Claim, held: StorageClass, snapshot: Snapshot): Fill | Unknown {
  const { namespace, name } = claim.metadata
  const waits = held.volumeBindingMode === 'WaitForFirstConsumer'
  const pods = snapshot.look('pods', namespace)
  if (waits && typeof pods === 'object') return unknown(pods.unknown, pods.detail)
  const used = snapshot.indexed('podsByClaim', namespacedName(namespace, name)).some((pod) => !isOver(pod))
  if (waits && !used) return WAITING
  const failure = failureOf(claim, snapshot)
  if (failure !== undefined)
    return unfilled('provisioning-failed', `StorageClass ${held.metadata.name} cannot fill it: ${failure}`)
  return fillLater(claim, held, { snapshot, waits })
}

// The newest refusal of a provisioner. It tries again and again, and the API server forgets Events after an hour.
const failureOf = (claim: Claim, snapshot: Snapshot): string | undefined =>
  sightingsOf(claim, snapshot).find(({ type, reason }) => type === 'Warning' && reason === 'ProvisioningFailed')
    ?.message

interface Later {
  readonly snapshot: Snapshot
  readonly waits: boolean
}

function fillLater(claim: Claim, held: StorageClass, { snapshot, waits }: Later): Fill {
  if (held.provisioner === NO_PROVISIONER) {
    const seen = snapshot.look('persistentvolumes') === 'listed'
    if (waits && (!seen || fittingVolumes(claim, snapshot).length > 0)) return WAITING
    return fillByHand(claim, `StorageClass ${held.metadata.name} makes no volumes`, snapshot)
  }
  if (waits && claim.metadata.annotations?.[SELECTED_NODE] === undefined) return WAITING
  const who = `${held.provisioner ?? 'nobody'} of StorageClass ${held.metadata.name}`
  return unfilled('not-provisioned', `provisioner ${who} has not made its volume yet`)
}
