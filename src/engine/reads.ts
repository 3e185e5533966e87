import type { Resource } from '../cluster/kinds.ts'
import { RESOURCES_OF } from '../facts/subject.ts'
import { compareText } from '../util/order.ts'
import type { SlotTable } from './slots.ts'

/** Every kind that the slots so far read, by name: those behind the subjects, and those that the facts declare. */
export function resourcesOf({ kinds, slots }: SlotTable): Resource[] {
  const declared = slots.flatMap(({ facts }) => [...facts.values()].flatMap(({ reads }) => reads))
  const found = new Set([
    ...kinds.flatMap((kind): readonly Resource[] => RESOURCES_OF[kind]),
    ...declared.map(({ resource }) => resource),
  ])
  return [...found].toSorted(compareText)
}
