import type { View } from './subject.ts'

/** Computes something once for each view. A view is one moment: what is read from it does not change while it is read. */
export function perView<T extends object>(compute: (view: View) => T): (view: View) => T {
  const known = new WeakMap<View, T>()
  return (view) => {
    let value = known.get(view)
    if (value === undefined) known.set(view, (value = compute(view)))
    return value
  }
}
