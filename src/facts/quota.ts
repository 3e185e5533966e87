import type { ObjectOf } from '../cluster/kinds.ts'
import { compareText } from '../util/order.ts'
import { parseQuantity } from '../util/quantity.ts'
import { plainText } from '../util/text.ts'
import { fact, type Fact } from './fact.ts'
import { known, unknown, type Reading } from './reading.ts'

/** One limit of a quota: what is used of it, as text and as a share. */
interface Limit {
  readonly resource: string
  readonly text: string
  readonly share: number
}

/** The limits of a quota that allow anything at all: one of 0 forbids a kind of object and is never "used up". */
function limitsOf({ spec, status }: ObjectOf<'resourcequotas'>): Limit[] | undefined {
  if (!status?.used) return undefined
  const { hard = spec?.hard ?? {}, used } = status
  return Object.entries(hard)
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([resource, limit]) => {
      const [most, now] = [parseQuantity(limit), parseQuantity(used[resource])]
      if (most === undefined || now === undefined || most <= 0) return []
      const text = plainText(`${resource} ${used[resource] ?? ''} of ${limit}`)
      return [{ resource: plainText(resource), text, share: now / most }]
    })
}

const read =
  (value: (limits: readonly Limit[]) => readonly string[] | number | null) =>
  ({ object }: { readonly object: ObjectOf<'resourcequotas'> }): Reading => {
    const limits = limitsOf(object)
    return limits ? known(value(limits)) : unknown('not-recorded', 'the quota has not been counted yet')
  }

const isUsedUp = ({ share }: Limit): boolean => share >= 1

/** How much of a quota is used. */
export const QUOTA_FACTS: readonly Fact[] = [
  fact({
    name: 'quotaHighestUsePercent',
    subjects: ['quota'],
    type: 'number',
    nullable: true,
    description: 'The use of the limit that is used most, in percent of it; null when no limit is above 0.',
    reads: [],
    read: read((limits) => (limits.length === 0 ? null : Math.max(...limits.map(({ share }) => share)) * 100)),
  }),
  fact({
    name: 'quotaUsedUp',
    subjects: ['quota'],
    type: 'strings',
    description: 'The resources of which the quota has nothing left.',
    reads: [],
    read: read((limits) => limits.filter(isUsedUp).map(({ resource }) => resource)),
  }),
  fact({
    name: 'quotaUse',
    subjects: ['quota'],
    type: 'strings',
    description: 'The limits and what is used of them, as `pods 3 of 3`, the most used first.',
    reads: [],
    read: read((limits) => limits.toSorted((a, b) => b.share - a.share).map(({ text }) => text)),
  }),
]
