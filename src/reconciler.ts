import type { AnyObject } from './cluster/kinds.ts'
import type { Change } from './cluster/mirror.ts'
import { measuredIn, uidsIn } from './cluster/own.ts'
import { Readership } from './cluster/readership.ts'
import type { ObjectStore } from './cluster/store.ts'
import { questionsOf, TrackedSnapshot } from './cluster/tracked-snapshot.ts'
import type { CompiledRule } from './engine/rule.ts'
import { noted, type Past } from './facts/past.ts'
import { RESOURCES_OF, type View } from './facts/subject.ts'
import { ASPECTS, Docket, type Aspect } from './findings/docket.ts'
import { Ledger, type About, type Verdicts } from './findings/ledger.ts'
import type { RollUp } from './findings/roll-up.ts'
import type { SuppressionEntry } from './findings/suppress.ts'
import { Judging } from './judging.ts'
import { Showing, type Reader, type Settled } from './showing.ts'
import { Agenda } from './util/agenda.ts'
import { Gathering } from './util/gathering.ts'
import { earliest } from './util/time.ts'

/** Rules that are in force. */
export interface InForce {
  readonly rules: readonly CompiledRule[]
  readonly disabled: () => readonly { readonly rule: string }[]
}

export interface ReconcilerOptions {
  readonly objects: ObjectStore
  readonly past: Past
  readonly suppressions: readonly SuppressionEntry[]
  /** Whoever reads very much looks again so many milliseconds after the first change of it; default 10 s. */
  readonly wideMs?: number
  /** How long an owner that is not there is waited for, in milliseconds; default not at all. */
  readonly ownerMs?: number
  /** Hears of an object that could not be judged: what was true of it is unknown then. Without it, that is thrown. */
  readonly failed?: ((error: unknown) => void) | undefined
}

/**
 * The way of every change through the rooms, for a daemon. The same answers as `reconcile` gives from scratch, object by object: what was
 * read of the snapshot while the subjects of an object were judged, or a finding was composed, is remembered; a change makes those look
 * again who read it, and nobody else. Nothing here waits or tells the time: whoever drives it calls `wake`, `step` until there is no
 * more, `move` and `settle` likewise, again and again, at the latest at `next`.
 */
export class Reconciler {
  readonly #objects: ObjectStore
  readonly #suppressions: readonly SuppressionEntry[]
  readonly #readership = new Readership<Reader>()
  readonly #view: Omit<View, 'now'>
  /** The findings, with their clocks. */
  readonly ledger = new Ledger()
  readonly #showing = new Showing(this.#readership, (finding) => this.ledger.standing(finding))
  /** Objects to be judged; whose state is has its usage looked at too. */
  readonly #agendas: Readonly<Record<Aspect, Agenda>> = { state: new Agenda(), usage: new Agenda() }
  readonly #waiting: Gathering<Reader>
  readonly #judging: Judging
  #inForce: InForce = { rules: [], disabled: () => [] }
  #docket: Docket
  #failed = 0

  constructor({ objects, past, suppressions, wideMs = 10_000, ownerMs = 0, failed = rethrow }: ReconcilerOptions) {
    const readership = this.#readership
    this.#objects = objects
    this.#suppressions = suppressions
    this.#waiting = new Gathering(wideMs)
    const said = (before: Verdicts, now: Verdicts): void => this.ledger.replace(before, now)
    this.#judging = new Judging({ objects, readership, ownerMs, failed, said, at: (now) => this.#at(now) })
    this.#docket = new Docket([], suppressions)
    this.#view = {
      snapshot: new TrackedSnapshot(objects, (family, name) => readership.note(family, name)),
      past: noted(past, (key) => readership.note('past', key)),
      remember: (compute, key) => readership.remember(compute, key, () => compute(this.#at(Number.NaN), key)),
    }
  }

  /** How often a rule was asked about a subject. */
  get evaluations(): number {
    return this.#judging.evaluations
  }

  /** An object changed: whoever read it, or missed it, looks again. */
  changed(change: Change): void {
    const { observedAt } = change
    for (const [family, name] of questionsOf(change, this.#objects)) this.#ask(family, name, observedAt)
    const measured = measuredIn(change, this.#objects)
    if (measured !== undefined && this.#judging.has(measured)) this.#agendas.usage.mark(measured, observedAt)
  }

  /** Keys of the past that read otherwise now; `at` in milliseconds. */
  remembered(keys: readonly string[], at: number): void {
    for (const key of keys) {
      for (const uid of uidsIn(key)) this.#markOwn(uid, at)
      this.#ask('past', key, at)
    }
  }

  /** Everything is to be judged again: rules are others, or kinds are looked at more or less completely. */
  everything(at: number): void {
    this.#agendas.state.sweep(this.#objects.uids(), at)
    this.everyFinding()
  }

  /** Every finding is to be composed again. */
  everyFinding(): void {
    this.#showing.touchAll()
  }

  /** Puts rules in force. Findings of rules that are no more are over. */
  use(inForce: InForce, at: number): void {
    this.#inForce = inForce
    this.#failed = inForce.disabled().length
    this.#docket = new Docket(inForce.rules, this.#suppressions)
    const ids = new Set(inForce.rules.map(({ rule }) => rule.id))
    for (const finding of this.ledger.retain((rule) => ids.has(rule))) this.#showing.touch(finding)
    this.everything(at)
  }

  /** What the rules said of each object, part by part. */
  judged(): Iterable<readonly [AnyObject, Verdicts]> {
    return this.#judging.judged()
  }

  /** Wakes what is due at `now`, in milliseconds. */
  wake(now: number): void {
    for (const aspect of ASPECTS) this.#agendas[aspect].wake(now)
    for (const reader of this.#waiting.due(now)) this.#look(reader, now)
    this.#showing.wake(now)
  }

  /** Judges one object. Gives the time of the change that asked for it, or `undefined` when there is nothing to do. */
  step(now: number): number | undefined {
    const whole = this.#agendas.state.take()
    const next = whole ?? this.#agendas.usage.take()
    if (!next) return undefined
    const object = this.#objects.byUid(next.key)
    if (object) this.#judge(object, whole ? ASPECTS : ['usage'], now)
    else this.#forget(next.key)
    return next.at
  }

  /** Whether everything was judged that is to be judged now. */
  get idle(): boolean {
    return ASPECTS.every((aspect) => this.#agendas[aspect].isEmpty)
  }

  /** Moves the clocks that are due, of so many findings at most; `false` when there was none. */
  move(now: number, most = Infinity): boolean {
    const [exists, sees] = [(roll: RollUp) => this.#exists(roll), (about: About) => this.#sees(about)]
    const touched = this.ledger.settle({ now, exists, sees }, most)
    for (const finding of touched) this.#showing.touch(finding)
    return touched.size > 0
  }

  /** Gives so many findings at most that may look different from before. */
  settle(most = Infinity): Settled {
    return this.#showing.take(most)
  }

  /** Runs `work` for a finding, with all that it may read; when what it read changes, the finding is among the next that are settled. */
  compose<T>(finding: string, now: number, work: (view: View) => T): T {
    return this.#showing.compose(finding, () => work(this.#at(now)))
  }

  /** A finding is to be composed again at a time, in milliseconds: what is said of it ends then. */
  lookAgain(finding: string, at: number | undefined): void {
    this.#showing.touchAt(finding, at)
  }

  /** When there is something to do though nothing changes, in milliseconds; 0 for at once. */
  next(): number | undefined {
    if (!this.idle) return 0
    return earliest([
      ...ASPECTS.map((aspect) => this.#agendas[aspect].next()),
      this.#showing.next(),
      this.ledger.next(),
      this.#waiting.next(),
    ])
  }

  #at(now: number): View {
    return { ...this.#view, now }
  }

  #judge(object: AnyObject, aspects: readonly Aspect[], now: number): void {
    const { uid } = object.metadata
    for (const aspect of aspects) {
      const until = this.#judging.judge(this.#docket, object, { aspect, now })
      // A reading that ends now has not ended for whoever reads it now.
      this.#agendas[aspect].alarm(uid, until === undefined ? undefined : Math.max(until, now + 1))
    }
    const failed = this.#inForce.disabled().length
    // A rule that failed on one subject has said nothing of the others either.
    if (failed > this.#failed) this.everything(now)
    this.#failed = failed
  }

  #forget(uid: string): void {
    this.#judging.forget(uid)
    for (const aspect of ASPECTS) this.#agendas[aspect].alarm(uid, undefined)
  }

  #sees({ rule, namespace }: About): boolean {
    const compiled = this.#inForce.rules.find((one) => one.rule.id === rule)
    if (!compiled || this.#inForce.disabled().some((one) => one.rule === rule)) return false
    return compiled.rule.subjects
      .flatMap((kind) => RESOURCES_OF[kind])
      .map((resource) => this.#objects.look(resource, namespace))
      .every((look) => typeof look !== 'object' || look.unknown === 'not-installed')
  }

  #exists({ matches: [{ target }] }: RollUp): boolean {
    if (this.#objects.byUid(target.uid)) return true
    const { apiVersion, kind, namespace, name } = target
    return this.#objects.namesake({ apiVersion, kind, metadata: { namespace, name } }) !== undefined
  }

  #ask(family: string, name: string, at: number): void {
    if (family === 'uid') this.#agendas.state.mark(name, at)
    else this.#markOwn(name, at)
    this.#readership.changed(family, name, (reader, wide) => {
      if (wide) this.#waiting.add(reader, at)
      else this.#look(reader, at)
    })
  }

  // What is an object's own is not noted as read by it.
  #markOwn(uid: string, at: number): void {
    if (this.#judging.has(uid)) this.#agendas.state.mark(uid, at)
  }

  #look(reader: Reader, at: number): void {
    if (reader.of !== 'finding') this.#agendas[reader.of].mark(reader.id, at)
    else {
      this.#showing.touch(reader.id)
      this.ledger.touch(reader.id)
    }
  }
}

function rethrow(error: unknown): never {
  throw error
}
