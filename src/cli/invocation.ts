/** How the program was called, for every line that tells what to type next. */
export interface Invocation {
  /** What stands in help and messages: `dogwatch`, or `kubectl dogwatch`. */
  readonly name: string
  /** What stands in a line to be typed: from a checkout it goes through npm. */
  readonly typed: string
}

const SAFE_WORD = /^[\w@%+=:,./-]+$/

/** Reads it off the path of the program that was started. */
export function invocationOf(called: string): Invocation {
  const path = called.replaceAll('\\', '/')
  const file = path.slice(path.lastIndexOf('/') + 1)
  if (/^kubectl[-_]dogwatch\b/.test(file)) return { name: 'kubectl dogwatch', typed: 'kubectl dogwatch' }
  if (path.endsWith('src/main.ts')) return { name: 'dogwatch', typed: 'npm run --silent dogwatch --' }
  if (path.includes('/node_modules/.bin/')) return { name: 'dogwatch', typed: 'npx dogwatch' }
  return { name: 'dogwatch', typed: 'dogwatch' }
}

/** An argument as a shell takes it. */
export const shellWord = (word: string): string => (SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
