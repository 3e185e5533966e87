/** None, one or several. Of most there is one: a set for each would be most of the memory of a large map. */
export type Few<V extends object> = V | Set<V> | undefined

/** With this one too. A set that is there is changed and given back. */
export function withOne<V extends object>(few: Few<V>, one: V): V | Set<V> {
  if (few instanceof Set) return few.add(one)
  return few === undefined || few === one ? one : new Set([few, one])
}

/** Without this one; `undefined` when none is left. A set that is there is changed and given back. */
export function withoutOne<V extends object>(few: Few<V>, one: V): Few<V> {
  if (!(few instanceof Set)) return few === one ? undefined : few
  few.delete(one)
  return few.size === 0 ? undefined : few
}

/** A list of them, in the order they came. */
export const listOf = <V extends object>(few: Few<V>): readonly V[] =>
  few === undefined ? [] : few instanceof Set ? [...few] : [few]
