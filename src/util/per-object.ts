/**
 * Computes something once for each object, for as long as that is held: only of objects that are replaced as a whole and never changed.
 */
export function perObject<K extends object, T extends object | string>(compute: (of: K) => T): (of: K) => T {
  const known = new WeakMap<K, T>()
  return (of) => {
    let value = known.get(of)
    if (value === undefined) known.set(of, (value = compute(of)))
    return value
  }
}
