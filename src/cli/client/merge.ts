import { byGravity } from '../../engine/gravity.ts'
import type { Changes, Published } from '../../sinks/published.ts'

/** What was known, with what has changed since then. */
export function merged(before: Published, { tombstones, ...after }: Changes): Published {
  const byId = new Map(before.items.map((item) => [item.id, item]))
  for (const { id } of tombstones) byId.delete(id)
  for (const item of after.items) byId.set(item.id, item)
  return { ...after, items: [...byId.values()].toSorted(byGravity) }
}
