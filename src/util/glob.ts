/** Whether text matches a glob of `*` (any run) and `?` (any one character). No other character is special, and no pattern is slow. */
export function matchesGlob(text: string, pattern: string): boolean {
  let [t, p, star, mark] = [0, 0, -1, 0]
  while (t < text.length) {
    if (pattern[p] === '*') [star, mark] = [p++, t]
    else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) [t, p] = [t + 1, p + 1]
    else if (star >= 0) [p, t] = [star + 1, ++mark]
    else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Whether text matches one of the globs; an empty list matches nothing. */
export const matchesAnyGlob = (text: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => matchesGlob(text, pattern))
