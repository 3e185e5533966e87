import type { Config } from './config.ts'
import type { Keeper } from './keeper.ts'
import type { RuleBook } from './rule-book.ts'
import type { Turn } from './turns.ts'
import type { Chores } from './util/chores.ts'
import { parseDuration } from './util/duration.ts'
import { MINUTE, SECOND } from './util/time.ts'
import type { Watchdog } from './watchdog.ts'

export interface SavingOptions {
  readonly keeper: Keeper
  readonly watchdog: Watchdog
  readonly rules: Pick<RuleBook, 'blasts'>
  /** Until when everything was watched, in milliseconds since 1970. */
  readonly at: () => number
}

/** What turned is written within so many milliseconds, or in a storm within twice as many. */
const SOON_MS = 5 * SECOND

const isGrave = ({ before, finding: { state } }: Turn): boolean =>
  (before === 'firing' || state === 'firing') && before !== state

/**
 * When what outlives a restart is written: all of it every now and then, and soon after something began or ceased to fire what is said of
 * findings, so that a kill in between does not tell it twice.
 */
export class Saving {
  readonly #options: SavingOptions
  #turned = false
  /** What turns all the time is not written all the time. */
  #rests = false

  constructor(options: SavingOptions) {
    this.#options = options
  }

  /** Adds the chores. */
  plan(chores: Chores, { every }: Config['checkpoint']): void {
    chores.add('saving', parseDuration(every) ?? MINUTE, () => this.all())
    chores.add('saving findings', SOON_MS, () => this.#soon())
  }

  /** Hears what came of a round. */
  turned(turns: readonly Turn[]): void {
    this.#turned ||= turns.some(isGrave)
  }

  /** Writes everything, where there is anything, and a place for it. */
  async all(): Promise<void> {
    const { keeper, watchdog, rules, at } = this.#options
    if (!watchdog.begun || keeper.path === null) return
    this.#turned = false
    await keeper.save(watchdog, rules.blasts.values(), at())
  }

  async #soon(): Promise<void> {
    const { keeper, watchdog, rules, at } = this.#options
    const due = this.#turned && !this.#rests && keeper.path !== null
    this.#rests = due
    if (!due) return
    this.#turned = false
    await keeper.saveFindings(watchdog, rules.blasts.values(), at())
  }
}
