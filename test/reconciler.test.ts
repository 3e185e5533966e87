import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { KINDS, type AnyObject, type ObjectOf } from '../src/cluster/kinds.ts'
import type { Blind, Looks, Where } from '../src/cluster/look.ts'
import { kindOf } from '../src/cluster/store.ts'
import type { Finding } from '../src/findings/finding.ts'
import { exchanged, histories, ignored, restarted, type Step } from './support/histories.ts'
import { shippedRules } from './support/judge.ts'
import { recording } from './support/recordings.ts'
import { FromScratch, Incremental, type Rules } from './support/two-ways.ts'

const { rules: RULES } = await shippedRules()
const SUPPRESSIONS = [
  { rules: ['image-*'], namespaces: ['faults-image-*'], kinds: ['*'], names: ['*'], reason: 'known' },
]

const isPod = (object: AnyObject): object is ObjectOf<'pods'> => object.kind === 'Pod'
const pick = <T>(list: readonly T[], which: number): T | undefined => list[which % list.length]

/** A cluster to which things happen, watched in two ways. */
class Twice {
  readonly #all: readonly AnyObject[]
  readonly #held: Map<string, AnyObject>
  readonly #listed = new Map<string, Where>()
  readonly #blind = new Map<string, Blind>()
  readonly #looks: Looks = { listed: this.#listed, blind: this.#blind, unnamed: 'not-installed' }
  readonly incremental: Incremental
  readonly #scratch = new FromScratch(SUPPRESSIONS)
  compared = 0

  constructor(objects: readonly AnyObject[], now: number) {
    this.#all = objects
    this.#held = new Map(objects.map((object) => [object.metadata.uid, object]))
    for (const object of objects) this.#listed.set(kindOf(object)?.resource ?? 'custom', 'all')
    this.incremental = new Incremental(now, this.#looks, SUPPRESSIONS)
    this.#use(RULES)
    for (const object of objects) this.incremental.store.put(object)
  }

  #use(rules: Rules): void {
    this.incremental.use(rules)
    this.#scratch.use(rules)
  }

  take(step: Step): void {
    if (step.do === 'wait') this.incremental.now += step.seconds * 1000
    else if (step.do === 'blind') this.#turn(step.which)
    else if (step.do === 'rules')
      this.#use(RULES.filter((_, number) => (number + step.which) % 4 > 0 || step.which % 3 === 0))
    else this.#change(step)
  }

  /** A kind goes out of sight, or comes back into it. */
  #turn(which: number): void {
    const resource = pick(KINDS, which)?.resource ?? ''
    if (this.#blind.delete(resource)) this.#listed.set(resource, 'all')
    else if (this.#listed.delete(resource)) this.#blind.set(resource, { unknown: 'stale', detail: 'nothing heard' })
    this.incremental.store.watch({ ...this.#looks })
  }

  #change(step: Exclude<Step, { do: 'wait' }>): void {
    const { store } = this.incremental
    const isRestart = step.do === 'restart'
    const object = pick(isRestart ? this.#all.filter(isPod) : this.#all, step.which)
    if (!object) return
    const { uid } = object.metadata
    if (step.do === 'remove') {
      this.#held.delete(uid)
      store.remove(uid, true)
      return
    }
    const next = this.#next(step, object, this.#held.get(uid) ?? object)
    this.#held.set(uid, next)
    store.put(next)
  }

  #next(step: Step, original: AnyObject, present: AnyObject): AnyObject {
    const { now } = this.incremental
    if (step.do === 'restart' && isPod(present)) return restarted(present, now)
    if (step.do === 'ignore') return ignored(present, pick(RULES, step.rule)?.rule.id ?? '*', now + step.seconds * 1000)
    if (step.do !== 'exchange') return original
    const same = this.#all.filter(({ kind }) => kind === original.kind)
    return exchanged(present, pick(same, step.with) ?? original, step.part)
  }

  check(): void {
    const { incremental } = this
    incremental.settle()
    const { now, memory: past, shown } = incremental
    const full = this.#scratch.look({ objects: [...this.#held.values()], looks: this.#looks, now, past })
    assert.deepEqual(incremental.reconciler.ledger.unknown(), full.unknown)
    for (const { id } of full.findings) assert.ok(shown.has(id), `${id} is missing`)
    for (const id of shown.keys()) assert.ok(this.#scratch.clocks.has(id), `${id} should be gone`)
    if (incremental.lingers || shown.size !== full.findings.length) return
    assert.deepEqual(inOrder(shown.values()), inOrder(full.findings))
    this.compared++
  }
}

const inOrder = (findings: Iterable<Finding>): object[] =>
  [...findings].map((finding) => ({ ...finding, lastSeen: undefined })).toSorted((a, b) => (a.id < b.id ? -1 : 1))

const NAMES = ['many-faults', 'crash-alternating', 'pvc-orphan', 'quota', 'nodes-lost', 'cron-recovering', 'hpa']
let compared = 0
/** Of one recording; more of them by hand. */
const RUNS = 25

const PODS = KINDS.findIndex(({ resource }) => resource === 'pods')

/** What was found once. */
const FOUND: [Step[]][] = [
  // Why something is unknown is another reason after a while.
  [
    [
      { do: 'rules', which: 1_155_935_206 },
      { do: 'wait', seconds: 289 },
      { do: 'ignore', which: 0, rule: 0, seconds: 1 },
    ],
  ],
  // A rule goes while what it is about is out of sight.
  ...[1, 2, 4, 7].map((which): [Step[]] => [
    [
      { do: 'blind', which: PODS },
      { do: 'rules', which },
    ],
  ]),
]

for (const name of NAMES)
  test(`${name}: after any history the findings are those of an evaluation from scratch`, () => {
    const recorded = recording(name)
    const all = [...recorded.every()]
    assert.ok(new Set(all.map(({ kind }) => kind)).size > 3)
    fc.assert(
      fc.property(histories, (history) => {
        const twice = new Twice(all, recorded.takenAt)
        twice.check()
        for (const step of history) {
          twice.take(step)
          twice.check()
        }
        compared += twice.compared
      }),
      { numRuns: name === 'many-faults' ? RUNS / 5 : RUNS, examples: FOUND },
    )
  })

test('most looks were compared in every detail', () => {
  assert.ok(compared > 100, `only ${compared}`)
})
