/** Whether a text fits a glob: `*` stands for any characters, `?` for one, everything else for itself. Takes at most length × length steps. */
export function matchesGlob(text: string, glob: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  let part = 0
  while (at < text.length) {
    if (glob[part] === '*') {
      star = part++
      resume = at
    } else if (glob[part] === '?' || glob[part] === text[at]) {
      part++
      at++
    } else if (star >= 0) {
      part = star + 1
      at = ++resume
    } else return false
  }
  while (glob[part] === '*') part++
  return part === glob.length
}

/** Whether a text fits one of the globs; an empty list fits nothing. */
export const matchesAnyGlob = (text: string, globs: readonly string[]): boolean =>
  globs.some((glob) => matchesGlob(text, glob))
