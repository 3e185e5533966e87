import { cut, safe } from './render/width.ts'
import type { Console, Progress } from './services.ts'

/** After how long a step is worth a word, and how often the word changes; milliseconds. */
const PATIENCE = 1000
const PERIOD = 100

export interface Shown {
  readonly progress: Progress
  /** Takes the line away. */
  readonly end: () => void
}

/** Says on a terminal how far a look has come, once it lasts; on anything else, nothing. `now` is in milliseconds. */
export function showProgress({ terminal, error }: Console, now: () => number): Shown {
  if (!terminal.error) return { progress: () => {}, end: () => {} }
  const started = now()
  let drawn = Number.NEGATIVE_INFINITY
  return {
    progress: ({ doing, done, total }) => {
      const at = now()
      if (at - started < PATIENCE || at - drawn < PERIOD) return
      drawn = at
      const count = total > 0 ? ` ${done} of ${total}` : done > 0 ? ` ${done}` : ''
      error(`\r\u001B[2K${cut(safe(`${doing}${count}`), terminal.columns - 1)}`)
    },
    end: () => {
      if (drawn > 0) error('\r\u001B[2K')
    },
  }
}
