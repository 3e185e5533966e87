import type { ObjectOf } from '../cluster/kinds.ts'
import { namespacedName } from '../util/claim-names.ts'
import { parseQuantity } from '../util/quantity.ts'
import { plainText, truncate } from '../util/text.ts'
import { parseTime } from '../util/time.ts'
import { fact, type Fact } from './fact.ts'
import { known, recorded } from './reading.ts'

const STATES = ['serving', 'kept', 'delete-stuck', 'failed', 'going'] as const

function stateOf({ metadata, status, spec }: ObjectOf<'persistentvolumes'>): (typeof STATES)[number] {
  if (metadata.deletionTimestamp !== undefined) return 'going'
  if (status?.phase === 'Failed') return 'failed'
  if (status?.phase !== 'Released') return 'serving'
  return (spec?.persistentVolumeReclaimPolicy ?? 'Retain') === 'Retain' ? 'kept' : 'delete-stuck'
}

const orNull = (text: string | undefined): string | null => (text ? truncate(plainText(text), 300) : null)

/** What becomes of a volume after its claim. */
export const VOLUME_FACTS: readonly Fact[] = [
  fact({
    name: 'volumeState',
    subjects: ['volume'],
    type: 'string',
    values: STATES,
    description:
      'Whether the volume serves or can serve a claim; if not: its claim is gone and the reclaim policy keeps it, it is not deleted though the policy says so, reclaiming it failed, or somebody has deleted it.',
    reads: [],
    read: ({ object }) => known(stateOf(object), { since: parseTime(object.status?.lastPhaseTransitionTime) }),
  }),
  fact({
    name: 'volumeSizeBytes',
    subjects: ['volume'],
    type: 'number',
    description: 'The capacity of the volume.',
    reads: [],
    read: ({ object }) => recorded(parseQuantity(object.spec?.capacity?.['storage']), 'the volume states no capacity'),
  }),
  fact({
    name: 'volumeClass',
    subjects: ['volume'],
    type: 'string',
    nullable: true,
    description: 'The StorageClass of the volume; null when it has none.',
    reads: [],
    read: ({ object }) => known(orNull(object.spec?.storageClassName)),
  }),
  fact({
    name: 'volumeReclaimPolicy',
    subjects: ['volume'],
    type: 'string',
    description: 'What becomes of the volume when its claim is deleted.',
    reads: [],
    read: ({ object }) => known(orNull(object.spec?.persistentVolumeReclaimPolicy) ?? 'Retain'),
  }),
  fact({
    name: 'volumeClaim',
    subjects: ['volume'],
    type: 'string',
    nullable: true,
    description: 'The claim that has or had the volume, as namespace/name; null when there never was one.',
    reads: [],
    read({ object }) {
      const { namespace, name } = object.spec?.claimRef ?? {}
      return known(name === undefined ? null : orNull(namespacedName(namespace, name)))
    },
  }),
  fact({
    name: 'volumeMessage',
    subjects: ['volume'],
    type: 'string',
    nullable: true,
    description: 'What the controller says about the volume; null when it says nothing.',
    reads: [],
    read: ({ object }) => known(orNull(object.status?.message)),
  }),
]
