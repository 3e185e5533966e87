import * as z from 'zod'
import type { ObjectOf } from '../../cluster/kinds.ts'
import { CLAIM_FACTS } from '../../facts/claim.ts'
import { readFact } from '../../facts/fact.ts'
import { isUnknown } from '../../facts/reading.ts'
import { action, isRefusal, refuse, type Context, type Refusal } from '../action.ts'
import { remove } from '../request.ts'

type Claim = ObjectOf<'persistentvolumeclaims'>

// A StatefulSet that is smaller now may be at zero because dogwatch or a person stopped it: its claims wait for it.
const UNUSED = new Set<unknown>(['orphaned', 'sts-gone'])

const parameters = z.strictObject({
  volume: z.string().nullable().describe('The volume that the claim is bound to.'),
  reclaimPolicy: z.string().nullable().describe('What becomes of the volume: Delete destroys the data.'),
})

export const deleteClaim = action({
  name: 'delete-claim',
  tier: 'destroy',
  description: 'Deletes a claim that nothing refers to, and with it its volume where the reclaim policy says so.',
  resources: ['persistentvolumeclaims'],
  parameters,
  writes: [
    {
      verb: 'delete',
      resource: 'persistentvolumeclaims',
      pointers: [''],
      bounds: 'the claim of that uid, while unused',
    },
  ],
  inverse: null,
  propose: fateOf,
  plan: (claim, { volume, reclaimPolicy }, context) => {
    const fate = fateOf(claim, context)
    if (isRefusal(fate)) return fate
    if (fate.volume !== volume || fate.reclaimPolicy !== reclaimPolicy)
      return refuse('out-of-bounds', 'its volume is another one now, or has another reclaim policy')
    const { namespace = '', name } = claim.metadata
    return (
      useRefusal(claim, context) ?? {
        ...remove(claim),
        effect: `deletes PersistentVolumeClaim ${namespace}/${name}; ${wordsOf(fate)}`,
      }
    )
  },
})

type Fate = z.infer<typeof parameters>

// Part of the plan, so that nobody approves the loss of what he saw kept.
function fateOf(claim: Claim, { snapshot }: Context): Fate | Refusal {
  const { volumeName } = claim.spec ?? {}
  if (!volumeName) return { volume: null, reclaimPolicy: null }
  const policy = snapshot.get('persistentvolumes', undefined, volumeName)?.spec?.persistentVolumeReclaimPolicy
  return policy === undefined
    ? refuse('not-seen', `the reclaim policy of volume ${volumeName} is not known`)
    : { volume: volumeName, reclaimPolicy: policy }
}

function wordsOf({ volume, reclaimPolicy }: Fate): string {
  if (volume === null) return 'it has no volume'
  return reclaimPolicy === 'Retain'
    ? `its volume ${volume} stays (Retain)`
    : `its volume ${volume} goes with it (${reclaimPolicy}): the data is destroyed`
}

function useRefusal(object: Claim, { snapshot, now }: Context): Refusal | undefined {
  const declared = CLAIM_FACTS.find(({ name }) => name === 'claimUse')
  if (!declared) return refuse('not-seen', 'whether it is used is not known')
  const subject = { kind: 'claim', key: object.metadata.uid, object, container: undefined } as const
  const use = readFact(declared, subject, { view: { snapshot, now }, parameters: {} })
  if (isUnknown(use)) return refuse('not-seen', use.detail ?? `whether it is used is not known (${use.unknown})`)
  return UNUSED.has(use.value)
    ? undefined
    : refuse('in-use', `it is ${typeof use.value === 'string' ? use.value : 'used'}`)
}
