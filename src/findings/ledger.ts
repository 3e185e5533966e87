import { gravityOf } from '../engine/gravity.ts'
import { Alarms } from '../util/alarms.ts'
import { Doubts, type Doubt } from './doubts.ts'
import type { Suppression } from './finding.ts'
import type { Judged } from './judged.ts'
import { Links, type Part } from './links.ts'
import { rollUpTrue, type RollUp } from './roll-up.ts'
import { movesAt, step, type Clock, type Observation } from './track.ts'
import type { UnknownSummary } from './unknown.ts'

/** What the rules said of one object: what is true of it, and what is unknown. */
export interface Verdicts {
  readonly held: readonly Judged[]
  readonly doubts: readonly Doubt[]
}

export const NO_VERDICTS: Verdicts = { held: [], doubts: [] }

/** A finding as the overlay leaves it. */
export interface Standing {
  /** Its matches, or those that it had when it was last true; `undefined` when that was before a restart. */
  readonly roll: RollUp | undefined
  readonly clock: Clock
  readonly causedBy: string | null
  readonly suppressedBy: Suppression | null
  /** Whether it is true at present; if not, it lives on for a while with the matches it had. */
  readonly holds: boolean
}

/** What a finding is of, as far as it takes to know whether anything could be seen of it. */
export interface About {
  readonly rule: string
  readonly namespace: string | undefined
}

interface Entry {
  /** Known from an earlier run, until it is true again. */
  readonly about: About | undefined
  readonly held: Map<string, Judged>
  clock: Clock | undefined
  /** Its matches when it was last true. */
  roll: RollUp | undefined
  judged: readonly Judged[]
  suppressedBy: Suppression | undefined
}

/** What `settle` needs to know of the world. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Whether the target of a finding is still there. */
  readonly exists: (roll: RollUp) => boolean
  /** Whether a rule could say anything there: what it is about can be seen, and it did not fail. */
  readonly sees: (about: About) => boolean
}

/**
 * All findings, kept up to date object by object: which subjects each holds for, its clock, what explains it. Says which of them are to
 * be looked at again after a change. The same answers as `assess` gives from scratch; what has just ceased to be true lives on beside.
 */
export class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #doubts = new Doubts()
  readonly #links = new Links()
  readonly #alarms = new Alarms<string>()
  readonly #dirty = new Set<string>()

  /**
   * Goes on from clocks that an earlier run left; their findings show again once they are seen to be true, and end as others where they are
   * not. `about` tells what each was of, where that is known.
   */
  restore(clocks: Iterable<readonly [string, Clock]>, about: (finding: string) => About | undefined): void {
    for (const [finding, clock] of clocks) {
      this.#entry(finding, about(finding)).clock = clock
      this.#dirty.add(finding)
    }
  }

  /** What the rules say of an object from now on, in place of what they said before. */
  replace(before: Verdicts, after: Verdicts): void {
    for (const { key, match } of before.held) {
      this.#entries.get(match.finding)?.held.delete(key)
      this.#dirty.add(match.finding)
    }
    for (const judged of after.held) {
      this.#entry(judged.match.finding).held.set(judged.key, judged)
      this.#dirty.add(judged.match.finding)
    }
    for (const doubt of before.doubts) this.#doubts.delete(doubt)
    for (const doubt of after.doubts) this.#doubts.add(doubt)
    for (const { finding } of [...before.doubts, ...after.doubts])
      if (this.#entries.has(finding)) this.#dirty.add(finding)
  }

  /** A finding is to be looked at in the next `settle`, though nothing of it changed: its target may be gone. */
  touch(finding: string): void {
    if (this.#entries.has(finding)) this.#dirty.add(finding)
  }

  /** Ends every finding of a rule that is not in force any more, and forgets it. Gives their ids. */
  retain(isInForce: (rule: string) => boolean): string[] {
    const ended = [...this.#entries].filter(([, entry]) => {
      const about = aboutOf(entry)
      return about && !isInForce(about.rule)
    })
    for (const [finding] of ended) {
      this.#entries.delete(finding)
      this.#doubts.hide(finding, false)
      this.#alarms.set(finding, undefined)
      for (const one of this.#links.set(finding, undefined)) this.#dirty.add(one)
    }
    return ended.map(([finding]) => finding)
  }

  /** Moves the clocks of what changed and of what is due, of so many findings at most, and says which findings may look different from before. */
  settle(moment: Moment, most: number): Set<string> {
    for (const finding of this.#alarms.due(moment.now)) this.#dirty.add(finding)
    const touched = new Set<string>()
    let left = most
    for (const finding of this.#dirty) {
      if (left-- <= 0) break
      this.#dirty.delete(finding)
      this.#settleOne(finding, moment, touched)
    }
    return touched
  }

  /** Nothing was watched for a while: `after` says of each clock what becomes of it. */
  resume(after: (clocks: Iterable<readonly [string, Clock]>) => ReadonlyMap<string, Clock>): void {
    const next = after(this.clocks())
    for (const [finding, entry] of this.#entries) {
      entry.clock = next.get(finding)
      this.#dirty.add(finding)
    }
  }

  /** How a finding stands; `undefined` when there is none of this id. */
  standing(finding: string): Standing | undefined {
    const entry = this.#entries.get(finding)
    if (!entry?.clock) return undefined
    return {
      roll: entry.roll,
      clock: this.#takenOver(finding, entry.clock),
      causedBy: this.#links.rootOf(finding) ?? null,
      suppressedBy: entry.suppressedBy ?? null,
      holds: entry.held.size > 0,
    }
  }

  /** When something moves though nothing changes, in milliseconds; may be in the past. */
  next(): number | undefined {
    return this.#dirty.size > 0 ? 0 : this.#alarms.next()
  }

  unknown(): UnknownSummary[] {
    return this.#doubts.summary()
  }

  /** The clocks of all findings, to go on from after a restart. */
  *clocks(): Generator<[string, Clock]> {
    for (const [finding, { clock }] of this.#entries) if (clock) yield [finding, clock]
  }

  #entry(finding: string, about?: About): Entry {
    let entry = this.#entries.get(finding)
    if (!entry) {
      entry = { about, held: new Map(), clock: undefined, roll: undefined, judged: [], suppressedBy: undefined }
      this.#entries.set(finding, entry)
    }
    return entry
  }

  #settleOne(finding: string, moment: Moment, touched: Set<string>): void {
    const entry = this.#entries.get(finding)
    if (!entry) return
    const matches = [...entry.held.values()].map(({ match }) => match)
    const roll = rollUpTrue(finding, matches)
    if (roll) renew(entry, roll)
    const clock = step(lastingClock(entry, moment), this.#observe(finding, entry, moment), moment.now)
    entry.clock = clock?.state === 'resolved' ? undefined : clock
    this.#doubts.hide(finding, roll !== undefined)
    this.#alarms.set(finding, entry.clock && movesAt(entry.clock))
    for (const one of this.#links.set(finding, partOf(entry))) touched.add(one)
    touched.add(finding).add(this.#links.rootOf(finding) ?? finding)
    if (!entry.clock) this.#entries.delete(finding)
  }

  #observe(finding: string, entry: Entry, { sees }: Moment): Observation | undefined {
    const { roll, held } = entry
    if (roll && held.size > 0) {
      const { forMs, resolveAfterMs, flickerMs } = roll.matches[0].evaluation
      return { truth: 'true', since: roll.since, forMs, resolveAfterMs, flickerMs }
    }
    // Of what could not be seen since the start there is nothing to doubt either: no object is held.
    const unseen = !roll && entry.about && !sees(entry.about)
    return this.#doubts.has(finding) || unseen
      ? { truth: 'unknown', forMs: Infinity, resolveAfterMs: Infinity, flickerMs: 0 }
      : undefined
  }

  // A cause shows the earliest time and the gravest state of all that it explains. The clocks underneath run on.
  #takenOver(finding: string, own: Clock): Clock {
    if (this.#links.rootOf(finding) !== undefined) return own
    const below = this.#links.explainedBy(finding).map((explained) => this.#entries.get(explained)?.clock)
    const clocks = [own, ...below.filter((clock) => clock !== undefined)]
    const fires = clocks.some(({ state }) => state === 'firing')
    return { ...own, state: fires ? 'firing' : own.state, since: Math.min(...clocks.map(({ since }) => since)) }
  }
}

const aboutOf = ({ roll, about }: Entry): About | undefined =>
  roll ? { rule: roll.matches[0].rule.id, namespace: roll.matches[0].target.namespace } : about

// What each match of a roll-up was judged to be, in the roll-up's order.
function renew(entry: Entry, roll: RollUp): void {
  const judged = new Map([...entry.held.values()].map((one) => [one.match, one]))
  entry.roll = roll
  entry.judged = roll.matches.map((match) => judged.get(match)).filter((one) => one !== undefined)
  const [first] = entry.judged
  // A mark on one pod does not hide what ails the others.
  entry.suppressedBy = entry.judged.every(({ suppression }) => suppression) ? first?.suppression : undefined
}

// What is suppressed explains nothing and is explained by nothing.
function partOf({ clock, roll, judged, suppressedBy }: Entry): Part | undefined {
  if (!clock || !roll || suppressedBy) return undefined
  return {
    gravity: gravityOf(roll.matches[0].evaluation.severity),
    causes: new Set(judged.flatMap(({ causes }) => causes)),
    effects: judged.map(({ effects }) => effects),
  }
}

// A finding whose target is gone need not wait for the condition to come back, only for a target that is made anew.
function lastingClock({ clock, held, roll }: Entry, { exists }: Moment): Clock | undefined {
  if (!clock || !roll || held.size > 0 || exists(roll)) return clock
  return { ...clock, resolveAfterMs: Math.min(clock.resolveAfterMs, clock.flickerMs) }
}
