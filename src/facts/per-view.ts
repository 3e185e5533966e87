import { perObject } from '../util/per-object.ts'
import type { View } from './subject.ts'

/** Computes something once for each view. A view is one moment: what is read from it does not change while it is read. */
export const perView = <T extends object>(compute: (view: View) => T): ((view: View) => T) => perObject(compute)

/** What is computed from a view and a key; it must read all that it uses from the view, and not the time. */
export type Computation<T = unknown> = (view: View, key: string) => T

/**
 * Computes something once for each key, for all subjects. Where the view remembers (the daemon's does), until something that was read
 * for it changes; in a scan, for that view.
 */
export function shared<T extends object>(compute: Computation<T>): Computation<T> {
  const own = perView(() => new Map<string, T>())
  return (view, key) => {
    if (view.remember) return view.remember(compute, key)
    const known = own(view)
    let value = known.get(key)
    if (value === undefined) known.set(key, (value = compute(view, key)))
    return value
  }
}
