import { parseQuantity } from '../util/quantity.ts'
import { plainText } from '../util/text.ts'
import { askedBytes, classOf } from './claim-volume.ts'
import { fact, type Fact } from './fact.ts'
import { known, recorded, unknown } from './reading.ts'

/** What a claim holds. */
export const CLAIM_STORAGE_FACTS: readonly Fact[] = [
  fact({
    name: 'claimSizeBytes',
    subjects: ['claim'],
    type: 'number',
    description: 'The size of the claim: of its volume when it is bound, else what it asks for.',
    reads: [],
    read: ({ object }) =>
      recorded(parseQuantity(object.status?.capacity?.['storage']) ?? askedBytes(object), 'the claim states no size'),
  }),
  fact({
    name: 'claimClass',
    subjects: ['claim'],
    type: 'string',
    nullable: true,
    description: 'The StorageClass that the claim names; null when it names none.',
    reads: [],
    read({ object }) {
      const name = classOf(object)
      return known(name === undefined ? null : plainText(name))
    },
  }),
  fact({
    name: 'claimAccessModes',
    subjects: ['claim'],
    type: 'strings',
    description: 'The access modes that the claim asks for.',
    reads: [],
    read: ({ object }) => known((object.spec?.accessModes ?? []).map(plainText)),
  }),
  fact({
    name: 'claimVolume',
    subjects: ['claim'],
    type: 'string',
    nullable: true,
    description: 'The volume that the claim is bound to or asks for; null when there is none.',
    reads: [],
    read: ({ object }) => known(object.spec?.volumeName ? plainText(object.spec.volumeName) : null),
  }),
  fact({
    name: 'claimReclaimPolicy',
    subjects: ['claim'],
    type: 'string',
    nullable: true,
    description:
      'What becomes of the volume when the claim is deleted: `Delete` destroys the data, `Retain` keeps the volume; null while there is no volume.',
    reads: [{ resource: 'persistentvolumes' }],
    read({ object }, { snapshot }) {
      const name = object.spec?.volumeName
      if (!name) return known(null)
      const volume = snapshot.get('persistentvolumes', undefined, name)
      if (!volume) return unknown('not-held', `volume ${plainText(name)} is not there`)
      const policy = volume.spec?.persistentVolumeReclaimPolicy
      return recorded(policy === undefined ? undefined : plainText(policy), 'the volume states no reclaim policy')
    },
  }),
]
