import * as z from 'zod'
import { Memory } from './facts/memory.ts'
import type { Finding } from './findings/finding.ts'
import { readClock, resume } from './findings/resume.ts'
import type { Clock as FindingClock } from './findings/track.ts'
import type { Blast } from './policy/blast.ts'
import { openCheckpoint, type Checkpoint } from './store/checkpoint.ts'
import type { Entry } from './store/entries.ts'
import type { Logger } from './util/logger.ts'
import type { Watchdog } from './watchdog.ts'

/** What an earlier run left. */
export interface Kept {
  readonly memory: Memory
  readonly clocks: ReadonlyMap<string, FindingClock>
  readonly findings: readonly Finding[]
  readonly blasts: readonly Blast[]
}

const blastSchema = z.object({
  rule: z.string(),
  version: z.string(),
  state: z.enum(['passed', 'held', 'undecided']),
  matched: z.number(),
  unknown: z.number(),
  of: z.number(),
})

/** The sections that are ours; all others are the memory's. */
const OWN: ReadonlySet<string> = new Set(['clock', 'finding', 'blast'])

/** Keeps what outlives a restart: what is remembered of the cluster, the clocks of findings, what came of first evaluations. */
export class Keeper {
  readonly #checkpoint: Checkpoint
  readonly #logger: Logger

  private constructor(checkpoint: Checkpoint, logger: Logger) {
    this.#checkpoint = checkpoint
    this.#logger = logger
  }

  /** Without a path nothing outlives the process. */
  static async open(path: string | undefined, logger: Logger): Promise<Keeper> {
    return new Keeper(await openCheckpoint(path, { logger }), logger)
  }

  get path(): string | null {
    return this.#checkpoint.path
  }

  /** Milliseconds since 1970. */
  get savedAt(): number | undefined {
    return this.#checkpoint.savedAt
  }

  get problem(): string | undefined {
    return this.#checkpoint.problem
  }

  /** Reads back what was kept; the time since then was a gap in watching. `now` in milliseconds. */
  async load(now: number): Promise<Kept> {
    const { savedAt } = this.#checkpoint
    const entries: Entry[] = []
    for await (const entry of this.#checkpoint.load()) entries.push(entry)
    const { memory, dropped } = Memory.restore(
      entries.filter(({ section }) => !OWN.has(section)),
      now,
    )
    if (dropped > 0) this.#logger.warn('checkpoint read in part', { dropped })
    if (savedAt !== undefined) memory.gap(savedAt, now)
    const of = (name: string): readonly Entry[] => entries.filter(({ section }) => section === name)
    const clocks = of('clock').flatMap(({ key, value }): [string, FindingClock][] => {
      const clock = readClock(value)
      return clock ? [[key, clock]] : []
    })
    return {
      memory,
      clocks: resume(clocks, { savedAt, now }),
      findings: of('finding').flatMap(({ value }) => (isFinding(value) ? [value] : [])),
      blasts: of('blast').flatMap(({ value }) => blastSchema.safeParse(value).data ?? []),
    }
  }

  /** Writes everything anew, a little at a time. */
  async save(watchdog: Watchdog, blasts: Iterable<Blast>, now: number): Promise<void> {
    await this.#checkpoint.save(entriesOf(watchdog, blasts), now)
  }

  async close(): Promise<void> {
    await this.#checkpoint.close()
  }
}

// What cannot be had again comes first: past the bound of a checkpoint the rest is left out.
function* entriesOf(watchdog: Watchdog, blasts: Iterable<Blast>): Generator<Entry> {
  for (const [key, value] of watchdog.reconciler.ledger.clocks()) yield { section: 'clock', key, value }
  for (const blast of blasts) yield { section: 'blast', key: blast.rule, value: blast }
  for (const finding of watchdog.lingering()) yield { section: 'finding', key: finding.id, value: finding }
  yield* watchdog.memory.entries()
}

const findingSchema = z.looseObject({
  id: z.string(),
  rule: z.object({ id: z.string(), version: z.string() }),
  severity: z.string(),
  category: z.string(),
  target: z.object({ apiVersion: z.string(), kind: z.string(), name: z.string(), uid: z.string() }),
  title: z.string(),
  message: z.string(),
  evidence: z.array(z.unknown()),
  subjects: z.object({ count: z.number(), sample: z.array(z.unknown()) }),
  recommend: z.array(z.string()),
})

/** Whether a value is a finding as it was kept by this version; whatever else it holds is shown and never acted upon. */
const isFinding = (value: unknown): value is Finding => findingSchema.safeParse(value).success
