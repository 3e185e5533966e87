import { sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { AnyObject } from './cluster/kinds.ts'
import { shelfOf } from './cluster/store.ts'
import { RuleShelf, type Shelved } from './engine/reload.ts'
import type { Override } from './engine/overrides.ts'
import type { Rule } from './engine/rule.ts'
import type { Verdicts } from './findings/ledger.ts'
import { shipped, VOCABULARY } from './inputs.ts'
import { BlastCounter } from './policy/blast-count.ts'
import { blastKey, firstEvaluation, inForce, isToBeCounted, objections, type Blast } from './policy/blast.ts'
import type { RulesStatus } from './sinks/status.ts'
import type { Clock } from './util/clock.ts'
import type { FoundFile } from './util/directory.ts'
import type { Logger } from './util/logger.ts'
import { formatTime, MINUTE } from './util/time.ts'
import { watchFiles, type FileWatch } from './util/watch-files.ts'

export interface RuleBookOptions {
  /** The user's directories. */
  readonly directories: readonly string[]
  readonly overrides: readonly Override[]
  readonly clock: Clock
  readonly logger: Logger
  /** Rules are others from now on. */
  readonly changed: () => void
}

const OWN = `${shipped('rules')}${sep}`
/** How often rules without an outcome are counted again. */
const AGAIN_MS = MINUTE
/** Objects that are counted between two turns of the event loop. */
const TURN = 500

/** Who knows what rules say of every object. */
interface Counted {
  /** Whether everything was judged by the rules in force. */
  readonly idle: boolean
  judged(): Iterable<readonly [AnyObject, Verdicts]>
}

interface Viewpoint {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Whether a rule sees all that it reads. */
  readonly sees: (rule: string) => boolean
}

/** The rules in force, read again when their files change, with what is known of the user's: whether they match too much, and who said that they may. */
export class RuleBook {
  readonly #options: RuleBookOptions
  readonly #shelf: RuleShelf
  #shelved: Shelved | undefined
  #files: FileWatch | undefined
  #loadedAt = 0
  #countedAt = 0
  #blasts: ReadonlyMap<string, Blast> = new Map()
  #objections: ReadonlyMap<string, Blast | 'not-counted'> = new Map()

  constructor(options: RuleBookOptions) {
    this.#options = options
    this.#shelf = new RuleShelf(VOCABULARY, { overrides: options.overrides, pause: () => setImmediate() })
  }

  /** Reads the rules for the first time, and again whenever they change. */
  async open(): Promise<Shelved> {
    const { clock, logger, directories, changed } = this.#options
    this.#files = await watchFiles([shipped('rules'), ...directories], {
      extension: '.json',
      clock,
      logger,
      changed: async (files) => {
        const { added, changed: others, removed, problems } = await this.#load(files)
        // In the same step as the rules become others: nothing may be counted by those that were judged before.
        changed()
        const words = { added: added.join(' '), changed: others.join(' '), removed: removed.join(' ') }
        logger.info('rules read again', { ...words, problems: problems.length })
      },
    })
    return this.#load(this.#files.files)
  }

  async close(): Promise<void> {
    await this.#files?.stop()
  }

  /** @throws Error before `open` is done. */
  get rules(): Shelved {
    if (!this.#shelved) throw new Error('no rules were read yet')
    return this.#shelved
  }

  /** The kinds that a rule reads; `undefined` of one that is not in force. */
  readonly resourcesOf = (id: string): readonly string[] | undefined =>
    this.rules.rules.find(({ rule }) => rule.id === id)?.resources

  /** What stands against the user's rules for what they matched at first. */
  get objections(): ReadonlyMap<string, Blast | 'not-counted'> {
    return this.#objections
  }

  /** Outcomes of first evaluations, to be kept over a restart. */
  get blasts(): ReadonlyMap<string, Blast> {
    return this.#blasts
  }

  /** Goes on from outcomes of an earlier run. */
  recall(blasts: Iterable<Blast>): void {
    this.#blasts = new Map([...blasts].map((blast) => [blastKey({ id: blast.rule, version: blast.version }), blast]))
    this.#weigh()
  }

  /**
   * Counts what new rules match, once they were asked about everything: at once, and those without an outcome every now and then. Only
   * those that see all they read: in a cluster that cannot be seen nothing matches. Says whether something else stands against a rule now.
   */
  async count(reconciler: Counted, { now, sees }: Viewpoint): Promise<boolean> {
    const rules = this.#uncounted(sees)
    const isNew = rules.some((rule) => !this.#blasts.has(blastKey(rule)))
    const due = isNew || (rules.length > 0 && Math.abs(now - this.#countedAt) >= AGAIN_MS)
    if (!due || !reconciler.idle) return false
    this.#countedAt = now
    const before = this.#objections
    const counter = new BlastCounter(rules)
    let taken = 0
    for (const [object, verdicts] of reconciler.judged()) {
      counter.add(object, shelfOf(object), verdicts)
      if (++taken % TURN === 0) await setImmediate()
    }
    const outcomes = rules.flatMap((rule) => {
      const count = counter.counts().get(rule.id)
      return count ? [[blastKey(rule), firstEvaluation(rule, count)] as const] : []
    })
    this.#blasts = new Map([...this.#blasts, ...outcomes])
    for (const [, { rule, matched, of, state }] of outcomes)
      if (state === 'held') this.#options.logger.warn('rule held: it matches too much', { rule, matched, of })
    this.#weigh()
    return !isDeepStrictEqual(before, this.#objections)
  }

  status(): RulesStatus {
    const { rules, version, problems, disabled } = this.rules
    const held = [...this.#objections.values()].filter((blast) => blast !== 'not-counted')
    return {
      count: rules.length,
      version,
      loadedAt: formatTime(this.#loadedAt),
      problems: problems.map(({ file, line, column, message, kept }) => ({ file, line, column, message, kept })),
      disabled: disabled().map(({ rule, reason }) => ({ rule, reason })),
      held: held.map(({ rule, version: of_, matched, of }) => ({ rule, version: of_, matched, of })),
    }
  }

  async #load(files: readonly FoundFile[]): Promise<Shelved> {
    const shelved = await this.#shelf.load(files)
    for (const { file, line, column, message, kept } of shelved.problems)
      this.#options.logger.warn('rule file refused', { file, line, column, message, kept })
    this.#shelved = shelved
    this.#loadedAt = this.#options.clock.now()
    this.#blasts = inForce(this.#blasts, this.#own())
    this.#weigh()
    return shelved
  }

  #own(): Rule[] {
    return this.rules.rules.map(({ rule }) => rule).filter(({ file }) => !file.startsWith(OWN))
  }

  #uncounted(sees: (rule: string) => boolean): Rule[] {
    return this.#own().filter((rule) => isToBeCounted(rule, this.#blasts) && sees(rule.id))
  }

  #weigh(): void {
    this.#objections = objections({ own: this.#own(), blasts: this.#blasts, acks: this.rules.acks })
  }
}
