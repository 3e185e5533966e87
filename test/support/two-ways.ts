import type { AnyObject } from '../../src/cluster/kinds.ts'
import { LiveStore } from '../../src/cluster/live-store.ts'
import type { Blind, Looks } from '../../src/cluster/look.ts'
import { ObjectStore, shelfOf } from '../../src/cluster/store.ts'
import type { CompiledRule } from '../../src/engine/rule.ts'
import { Memory } from '../../src/facts/memory.ts'
import { RESOURCES_OF, SUBJECT_KINDS, subjectsOf, type View } from '../../src/facts/subject.ts'
import { assess, type Assessment } from '../../src/findings/assess.ts'
import { compose } from '../../src/findings/compose.ts'
import { isOutOfDate } from '../../src/findings/docket.ts'
import type { Finding } from '../../src/findings/finding.ts'
import { isTrue, match, type Match } from '../../src/findings/match.ts'
import type { SuppressionEntry } from '../../src/findings/suppress.ts'
import type { Clocks } from '../../src/findings/track.ts'
import { Reconciler } from '../../src/reconciler.ts'

const CLUSTER = 'test'

export type Rules = readonly CompiledRule[]

/** The daemon's way: each change on its own, and only who read what changed looks again. */
export class Incremental {
  now: number
  readonly store: LiveStore
  readonly reconciler: Reconciler
  readonly memory = new Memory()
  /** What each finding looked like when it was last composed. */
  readonly shown = new Map<string, Finding>()

  constructor(now: number, looks: Looks, suppressions: readonly SuppressionEntry[]) {
    this.now = now
    this.store = new LiveStore({
      now: () => this.now,
      cluster: CLUSTER,
      onChange: (change) => {
        const keys = this.memory.changed(change, this.store.objects)
        this.reconciler.changed(change)
        this.reconciler.remembered(keys, this.now)
      },
      onLooks: () => this.reconciler.everything(this.now),
    })
    this.reconciler = new Reconciler({ objects: this.store.objects, past: this.memory, suppressions, wideMs: 0 })
    this.store.watch(looks)
  }

  use(rules: Rules): void {
    this.reconciler.use({ rules, disabled: () => [] }, this.now)
  }

  settle(): void {
    do {
      this.reconciler.wake(this.now)
      while (this.reconciler.step(this.now) !== undefined);
      while (this.reconciler.move(this.now));
      for (const [id, standing] of this.reconciler.settle()) {
        if (!standing) this.shown.delete(id)
        else if (standing.holds && standing.roll) {
          const { roll } = standing
          this.shown.set(
            id,
            this.reconciler.compose(id, this.now, ({ snapshot }) => compose(roll, standing, snapshot)),
          )
        }
      }
    } while ((this.reconciler.next() ?? Infinity) <= this.now)
  }

  /** Whether something lives on that is not true at the moment. */
  get lingers(): boolean {
    return [...this.reconciler.ledger.clocks()].some(([, { brokenSince }]) => brokenSince !== null)
  }
}

/** What one look from scratch goes by. */
export interface Sight {
  readonly objects: readonly AnyObject[]
  readonly looks: Looks
  readonly now: number
  readonly past: Memory
}

/** The scan's way: everything from scratch, with nothing but the clocks of the look before. */
export class FromScratch {
  #clocks: Clocks = new Map()
  #rules: Rules = []
  readonly #suppressions: readonly SuppressionEntry[]
  /** What was said of each object when its kind could last be relied on. */
  #said = new Map<string, readonly Match[]>()

  constructor(suppressions: readonly SuppressionEntry[]) {
    this.#suppressions = suppressions
  }

  get clocks(): Clocks {
    return this.#clocks
  }

  /** Findings of rules that are no more are over. */
  use(rules: Rules): void {
    this.#rules = rules
    const ids = new Set(rules.map(({ rule }) => rule.id))
    this.#clocks = new Map([...this.#clocks].filter(([id]) => ids.has(id.slice(0, id.lastIndexOf('-')))))
    for (const [uid, said] of this.#said)
      this.#said.set(
        uid,
        said.filter(({ rule }) => ids.has(rule.id)),
      )
  }

  look({ objects, looks, now, past }: Sight): Assessment {
    const snapshot = new ObjectStore({ takenAt: now, cluster: CLUSTER, looks })
    for (const object of objects) snapshot.put(object)
    const view = { snapshot, now, past }
    const said = new Map<string, readonly Match[]>()
    for (const object of objects) {
      const { uid, namespace } = object.metadata
      const look = snapshot.look(shelfOf(object), namespace)
      const before = this.#said.get(uid) ?? []
      said.set(uid, isOutOfDate(look) ? before.map((one) => doubtful(one, look)) : this.#ask(object, view))
    }
    this.#said = said
    const at = { snapshot, now, previous: this.#clocks, suppressions: this.#suppressions, wanted: () => true }
    const assessment = assess([...said.values()].flat(), at)
    this.#clocks = assessment.clocks
    return assessment
  }

  #ask(object: AnyObject, view: View): Match[] {
    const kinds = SUBJECT_KINDS.filter((kind) => RESOURCES_OF[kind].some((resource) => resource === shelfOf(object)))
    return this.#rules.flatMap((rule) =>
      kinds
        .filter((kind) => rule.rule.subjects.includes(kind))
        .flatMap((kind) => subjectsOf(kind, object).flatMap((subject) => match(rule, subject, view) ?? [])),
    )
  }
}

const doubtful = (one: Match, { unknown: reason, detail }: Blind): Match =>
  isTrue(one) ? { ...one, evaluation: { truth: 'unknown', reason, detail } } : one
