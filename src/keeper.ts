import * as z from 'zod'
import type { Memory } from './facts/memory.ts'
import { STATES, type Finding } from './findings/finding.ts'
import { readClock, resume } from './findings/resume.ts'
import type { Clock as FindingClock } from './findings/track.ts'
import type { Blast } from './policy/blast.ts'
import { openCheckpoint, type Checkpoint } from './store/checkpoint.ts'
import { ofCluster, type Entry } from './store/entries.ts'
import type { Logger } from './util/logger.ts'
import type { RuleBook } from './rule-book.ts'
import type { Watchdog } from './watchdog.ts'

/** What an earlier run left. */
export interface Kept {
  readonly clocks: Map<string, FindingClock>
  readonly findings: readonly Finding[]
  readonly blasts: readonly Blast[]
}

const NOTHING: Kept = { findings: [], blasts: [], clocks: new Map() }

interface Reading {
  readonly now: number
  readonly cluster: string
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
const OWN: ReadonlySet<string> = new Set(['cluster', 'base', 'clock', 'finding', 'blast'])

// It is the first entry, so that nothing of another cluster was taken in yet.
const isOfOther = ({ section, value }: Entry, cluster: string): boolean => section === 'cluster' && value !== cluster

/** Keeps what outlives a restart: what is remembered of the cluster, the clocks of findings, what came of first evaluations. */
export class Keeper {
  readonly #checkpoint: Checkpoint
  /** What was said of findings since the checkpoint was written: little, and written soon. */
  readonly #recent: Checkpoint
  readonly #logger: Logger
  #running: Promise<unknown> = Promise.resolve()
  #tried = false
  /** When this run last wrote everything; what is recent goes with that and with nothing else. */
  #base: number | undefined

  private constructor(checkpoint: Checkpoint, recent: Checkpoint, logger: Logger) {
    this.#checkpoint = checkpoint
    this.#recent = recent
    this.#logger = logger
  }

  /** Without a path nothing outlives the process. */
  static async open(path: string | undefined, logger: Logger): Promise<Keeper> {
    const recent = path === undefined ? undefined : `${path}.recent`
    return new Keeper(await openCheckpoint(path, { logger }), await openCheckpoint(recent, { logger }), logger)
  }

  get path(): string | null {
    return this.#checkpoint.path
  }

  /** Milliseconds since 1970. */
  get savedAt(): number | undefined {
    return this.#checkpoint.savedAt
  }

  /** What is left for the next run, for the log. */
  rest(): { readonly checkpoint: string } {
    return { checkpoint: this.path === null ? 'none' : (this.problem ?? 'written') }
  }

  get problem(): string | undefined {
    return this.#checkpoint.problem ?? this.#recent.problem
  }

  /**
   * Reads back what was kept of this cluster; the time since then was a gap in watching. `now` in milliseconds.
   * What was kept of another cluster is nothing to us.
   */
  async load(memory: Memory, { now, cluster }: Reading): Promise<Kept> {
    const { savedAt } = this.#checkpoint
    const all = await this.#read(this.#checkpoint, { memory, now, cluster })
    if (!all) return NOTHING
    if (savedAt !== undefined) memory.gap(savedAt, now, memory.isWhole)
    const recent = await this.#read(this.#recent, { memory: undefined, now, cluster })
    const isNewer = recent !== undefined && recent.base !== undefined && recent.base === savedAt
    const { clocks, findings, blasts } = isNewer ? recent : all
    const until = isNewer ? this.#recent.savedAt : savedAt
    return { findings, blasts, clocks: resume(clocks, { savedAt: until, now }) }
  }

  async #read(
    checkpoint: Checkpoint,
    { memory, now, cluster }: Reading & { readonly memory: Memory | undefined },
  ): Promise<Basket | undefined> {
    const basket = new Basket()
    let dropped = 0
    for await (const entry of checkpoint.load()) {
      if (isOfOther(entry, cluster)) {
        this.#logger.warn('the checkpoint is of another cluster; nothing of it is used', { cluster })
        return undefined
      }
      if (!(OWN.has(entry.section) ? basket.take(entry) : (memory?.read(entry, now) ?? true))) dropped++
    }
    if (dropped > 0) this.#logger.warn('checkpoint read in part', { dropped })
    return basket
  }

  /** Puts what was kept back where it was. `now` in milliseconds. */
  async recall(watchdog: Watchdog, rules: RuleBook, now: number): Promise<void> {
    const kept = await this.load(watchdog.memory, { now, cluster: watchdog.store.objects.cluster })
    for (const { id, rule } of kept.findings) if (!rules.resourcesOf(rule.id)) kept.clocks.delete(id)
    rules.recall(kept.blasts)
    watchdog.recall(kept.clocks, kept.findings)
  }

  /** Writes everything anew, a little at a time. */
  save(watchdog: Watchdog, blasts: Iterable<Blast>, now: number): Promise<void> {
    this.#tried = true
    return this.#next(async () => {
      await this.#checkpoint.save(everything(watchdog, blasts), now)
      this.#base = this.#checkpoint.savedAt === now ? now : undefined
    })
  }

  /** Writes what is said of findings: far less than everything. The first time it is everything, for this goes with it. */
  saveFindings(watchdog: Watchdog, blasts: Iterable<Blast>, now: number): Promise<void> {
    if (!this.#tried) return this.save(watchdog, blasts, now)
    return this.#next(async () => {
      if (this.#base !== undefined) await this.#recent.save(news(watchdog, blasts, this.#base), now)
    })
  }

  async close(): Promise<void> {
    await this.#running
    await Promise.all([this.#checkpoint.close(), this.#recent.close()])
  }

  // What was said later must go with what was written before it.
  #next(save: () => Promise<void>): Promise<void> {
    const run = this.#running.then(save)
    this.#running = run.catch(() => undefined)
    return run
  }
}

// What cannot be had again comes first: past the bound of a checkpoint the rest is left out.
function* everything(watchdog: Watchdog, blasts: Iterable<Blast>): Generator<Entry> {
  yield* verdicts(watchdog, blasts)
  yield* watchdog.memory.entries(watchdog.seesPods ? (uid) => watchdog.store.objects.byUid(uid) : undefined)
  yield* lasting(watchdog)
}

function* news(watchdog: Watchdog, blasts: Iterable<Blast>, base: number): Generator<Entry> {
  yield* verdicts(watchdog, blasts)
  yield { section: 'base', key: '', value: Math.round(base) }
  yield* lasting(watchdog)
}

function* verdicts(watchdog: Watchdog, blasts: Iterable<Blast>): Generator<Entry> {
  yield ofCluster(watchdog.store.objects.cluster)
  for (const [key, value] of watchdog.reconciler.ledger.clocks()) yield { section: 'clock', key, value }
  for (const blast of blasts) yield { section: 'blast', key: blast.rule, value: blast }
}

function* lasting(watchdog: Watchdog): Generator<Entry> {
  for (const finding of watchdog.lasting()) yield { section: 'finding', key: finding.id, value: finding }
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
  state: z.enum(STATES),
  since: z.number(),
  firstSeen: z.number(),
  lastSeen: z.number(),
  resolvedAt: z.number().nullable(),
  firesAt: z.number().nullable(),
  runbook: z.string(),
  causedBy: z.string().nullable(),
})

/** Whether a value is a finding as it was kept by this version; whatever else it holds is shown and never acted upon. */
const isFinding = (value: unknown): value is Finding => findingSchema.safeParse(value).success

/** What of a checkpoint is no memory's. */
class Basket {
  readonly clocks = new Map<string, FindingClock>()
  readonly findings: Finding[] = []
  readonly blasts: Blast[] = []
  /** When that was written which this goes with. */
  base: number | undefined

  /** `false` when it cannot be read. */
  take({ section, key, value }: Entry): boolean {
    if (section === 'cluster') return true
    if (section === 'base') {
      this.base = typeof value === 'number' ? value : undefined
      return this.base !== undefined
    }
    if (section === 'finding') return isFinding(value) && this.findings.push(value) > 0
    if (section === 'clock') {
      const clock = readClock(value)
      return clock !== undefined && this.clocks.set(key, clock).size > 0
    }
    const blast = blastSchema.safeParse(value)
    return blast.success && this.blasts.push(blast.data) > 0
  }
}
