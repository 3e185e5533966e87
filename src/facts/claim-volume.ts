import type { ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { formatBytes, parseQuantity } from '../util/quantity.ts'
import { matchesSelector } from '../util/selector.ts'

type Claim = ObjectOf<'persistentvolumeclaims'>
type Volume = ObjectOf<'persistentvolumes'>

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** The class that a claim asks for: a name, `''` for volumes made by hand alone, `undefined` where it asks for none. */
export const classOf = ({ metadata, spec }: Claim): string | undefined =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName

/** The bytes that a claim asks for. */
export const askedBytes = (claim: Claim): number | undefined =>
  parseQuantity(claim.spec?.resources?.requests?.['storage'])

interface DataSource {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** What a claim is to be a copy of. */
export function sourceOf({ metadata, spec }: Claim): DataSource | undefined {
  const { kind, name, namespace } = spec?.dataSourceRef ?? spec?.dataSource ?? {}
  if (kind === undefined || name === undefined) return undefined
  return { kind, name, namespace: namespace ?? metadata.namespace ?? '' }
}

/** Volumes that nobody has claimed. */
export const freeVolumes = (snapshot: Snapshot): Volume[] =>
  snapshot
    .all('persistentvolumes')
    .filter(({ status, spec }) => status?.phase === 'Available' && spec?.claimRef === undefined)

/** Volumes that nobody has claimed and that fit a claim, wherever they can be used. */
export const fittingVolumes = (claim: Claim, snapshot: Snapshot): Volume[] =>
  freeVolumes(snapshot).filter((volume) => misfitOf(volume, claim) === undefined)

type VolumeSpec = NonNullable<Volume['spec']>
type Misfit = (has: VolumeSpec, claim: Claim, volume: Volume) => string | undefined

const MISFITS: readonly Misfit[] = [
  ({ storageClassName = '' }, claim) =>
    storageClassName === (classOf(claim) ?? '') ? undefined : `its class is "${storageClassName}"`,
  ({ capacity }, claim) => {
    const [size, asked] = [parseQuantity(capacity?.['storage']), askedBytes(claim)]
    return size !== undefined && asked !== undefined && size < asked ? `it has only ${formatBytes(size)}` : undefined
  },
  ({ accessModes = [] }, { spec }) => {
    const lacking = (spec?.accessModes ?? []).filter((mode) => !accessModes.includes(mode))
    return lacking.length > 0 ? `it does not offer ${lacking.join(', ')}` : undefined
  },
  ({ volumeMode = 'Filesystem' }, { spec }) =>
    volumeMode === (spec?.volumeMode ?? 'Filesystem') ? undefined : `its mode is ${volumeMode}`,
  (_, { spec }, { metadata }) =>
    spec?.selector === undefined || matchesSelector(metadata.labels, spec.selector)
      ? undefined
      : 'its labels do not match',
]

/** Why a volume cannot serve a claim, in words; `undefined` when it can. */
export function misfitOf(volume: Volume, claim: Claim): string | undefined {
  for (const misfit of MISFITS) {
    const words = misfit(volume.spec ?? {}, claim, volume)
    if (words !== undefined) return words
  }
  return undefined
}
