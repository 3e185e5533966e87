/** Compares by code units: the same in every locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A comparison by the first of several keys that differs. */
export const byKeys =
  <T>(keys: (item: T) => readonly string[]) =>
  (a: T, b: T): number => {
    const left = keys(a)
    const right = keys(b)
    for (let i = 0; i < left.length; i++) {
      const order = compareText(left[i] ?? '', right[i] ?? '')
      if (order !== 0) return order
    }
    return 0
  }

/** Groups items by a key, keys and items in the order met. */
export function groupBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const name = key(item)
    const group = groups.get(name)
    if (group) group.push(item)
    else groups.set(name, [item])
  }
  return groups
}

/** The first place in a sorted list whose item does not come before what is looked for; the list's length when all do. */
export function firstNotBefore<T>(sorted: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = sorted[middle]
    if (item !== undefined && isBefore(item)) low = middle + 1
    else high = middle
  }
  return low
}

/** The first so many of many in an order, sorted. One walk: there may be hundreds of thousands. */
export function firstOf<T>(items: Iterable<T>, most: number, compare: (a: T, b: T) => number): T[] {
  let first: T[] = []
  for (const item of items) {
    const last = first.at(-1)
    if (last !== undefined && first.length >= most && compare(item, last) >= 0) continue
    first = [...first, item].toSorted(compare).slice(0, most)
  }
  return first
}
