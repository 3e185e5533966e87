/**
 * Computes something anew only when it is asked about something else than the last time; for what is asked many times in a row about the
 * same. What it is asked about must not change, and it must read nothing else.
 */
export function latest<A extends readonly unknown[], T>(compute: (...about: A) => T): (...about: A) => T {
  let known: { readonly about: A; readonly value: T } | undefined
  return (...about) => {
    if (!known || !known.about.every((one, at) => one === about[at])) known = { about, value: compute(...about) }
    return known.value
  }
}
