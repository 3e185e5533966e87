import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { AnyObject } from '../src/cluster/kinds.ts'
import { LiveStore } from '../src/cluster/live-store.ts'
import type { Blind } from '../src/cluster/look.ts'
import { ObjectStore, shelfOf } from '../src/cluster/store.ts'
import { loadRules } from '../src/engine/loader.ts'
import { FACTS } from '../src/facts/index.ts'
import { Memory } from '../src/facts/memory.ts'
import { assess, type Assessment } from '../src/findings/assess.ts'
import { compose } from '../src/findings/compose.ts'
import { isOutOfDate } from '../src/findings/docket.ts'
import { isTrue, match, type Match } from '../src/findings/match.ts'
import { RELATIONS } from '../src/findings/relations.ts'
import type { Clocks } from '../src/findings/track.ts'
import { RESOURCES_OF, SUBJECT_KINDS, subjectsOf, type View } from '../src/facts/subject.ts'
import { Reconciler } from '../src/reconciler.ts'
import { ACTIONS } from '../src/remediation/actions/index.ts'
import { readTexts } from '../src/util/files.ts'
import { recording } from './support/recordings.ts'

const VOCABULARY = { facts: FACTS, actions: ACTIONS.map(({ name }) => name), relations: Object.keys(RELATIONS) }
const RULES = await loadRules(await readTexts([new URL('../rules', import.meta.url).pathname], '.json'), VOCABULARY)

const CLUSTER = 'test'

/** The daemon's way: each change on its own, and only who read what changed looks again. */
class Incremental {
  now: number
  readonly store: LiveStore
  readonly reconciler: Reconciler
  readonly memory = new Memory()
  /** What each finding looked like when it was last composed. */
  readonly shown = new Map<string, object>()

  constructor(now: number, looks: Parameters<LiveStore['watch']>[0]) {
    this.now = now
    this.store = new LiveStore({
      now: () => this.now,
      cluster: CLUSTER,
      onChange: (change) => this.reconciler.changed(change),
      onLooks: () => this.reconciler.everything(this.now),
    })
    this.reconciler = new Reconciler({ objects: this.store.objects, past: this.memory, suppressions: [], wideMs: 0 })
    this.store.watch(looks)
    this.reconciler.use(RULES, now)
  }

  settle(): void {
    do {
      this.reconciler.wake(this.now)
      while (this.reconciler.step(this.now) !== undefined);
      this.reconciler.move(this.now)
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
}

/** The scan's way: everything from scratch, with nothing but the clocks of the look before. */
class FromScratch {
  clocks: Clocks = new Map()
  /** What was said of each object when its kind could last be relied on. */
  #said = new Map<string, readonly Match[]>()

  look(objects: readonly AnyObject[], looks: Parameters<LiveStore['watch']>[0], now: number): Assessment {
    const snapshot = new ObjectStore({ takenAt: now, cluster: CLUSTER, looks })
    for (const object of objects) snapshot.put(object)
    const view = { snapshot, now, past: new Memory() }
    const said = new Map<string, readonly Match[]>()
    for (const object of objects) {
      const { uid, namespace } = object.metadata
      const look = snapshot.look(shelfOf(object), namespace)
      const before = this.#said.get(uid) ?? []
      said.set(uid, isOutOfDate(look) ? before.map((one) => doubtful(one, look)) : ask(object, view))
    }
    this.#said = said
    const matches = [...said.values()].flat()
    const assessment = assess(matches, { snapshot, now, previous: this.clocks, suppressions: [], wanted: () => true })
    this.clocks = assessment.clocks
    return assessment
  }
}

function ask(object: AnyObject, view: View): Match[] {
  const kinds = SUBJECT_KINDS.filter((kind) => RESOURCES_OF[kind].some((resource) => resource === shelfOf(object)))
  return RULES.rules.flatMap((rule) =>
    kinds
      .filter((kind) => rule.rule.subjects.includes(kind))
      .flatMap((kind) => subjectsOf(kind, object).flatMap((subject) => match(rule, subject, view) ?? [])),
  )
}

const doubtful = (one: Match, { unknown: reason, detail }: Blind): Match =>
  isTrue(one) ? { ...one, evaluation: { truth: 'unknown', reason, detail } } : one

const essence = (finding: object): object => ({ ...finding, lastSeen: undefined })

type Step =
  | { readonly do: 'remove' | 'restore'; readonly which: number }
  | {
      readonly do: 'exchange'
      readonly which: number
      readonly with: number
      readonly part: 'spec' | 'status' | 'metadata'
    }
  | { readonly do: 'blind'; readonly which: number }
  | { readonly do: 'wait'; readonly seconds: number }

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('remove', 'restore'), which: fc.nat() }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('exchange' as const),
        which: fc.nat(),
        with: fc.nat(),
        part: fc.constantFrom('spec', 'status', 'metadata'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('blind' as const), which: fc.nat() }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 7200 }) }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 1, maxLength: 14 },
)

/** Another object of the same kind lends a part: what refers to it, and what it refers to, are others from then on. */
function exchanged(object: AnyObject, other: AnyObject, part: 'spec' | 'status' | 'metadata'): AnyObject {
  const lent: Record<string, unknown> = { ...other }
  if (part !== 'metadata') return { ...object, [part]: lent[part] } as AnyObject
  const { labels, annotations, ownerReferences, deletionTimestamp } = other.metadata
  return {
    ...object,
    metadata: { ...object.metadata, labels, annotations, ownerReferences, deletionTimestamp },
  } as AnyObject
}

const NAMES = ['many-faults', 'crash-alternating', 'pvc-orphan', 'quota', 'nodes-lost', 'cron-recovering', 'hpa']
let compared = 0

for (const name of NAMES)
  test(`${name}: after any history the findings are those of an evaluation from scratch`, () => {
    const recorded = recording(name)
    const kinds = [...new Set([...iterate(recorded.uids())].map((uid) => recorded.byUid(uid)?.kind ?? ''))].toSorted()
    const all = [...iterate(recorded.uids())].flatMap((uid) => recorded.byUid(uid) ?? [])
    fc.assert(
      fc.property(steps, (history) => {
        const looks = { listed: new Map<string, 'all'>(), blind: new Map(), unnamed: 'not-installed' as const }
        for (const { kind, apiVersion } of all) looks.listed.set(resourceOf(kind, apiVersion), 'all')
        const incremental = new Incremental(recorded.takenAt, looks)
        const scratch = new FromScratch()
        const held = new Map(all.map((object) => [object.metadata.uid, object]))
        for (const object of all) incremental.store.put(object)
        const check = (): void => {
          incremental.settle()
          const full = scratch.look([...held.values()], looks, incremental.now)
          const seen = [...incremental.shown.values()].map(essence)
          const lingering = [...incremental.reconciler.ledger.clocks()].filter(
            ([, { brokenSince }]) => brokenSince !== null,
          )
          if (
            lingering.length === 0 &&
            sameSet(
              incremental.shown.keys(),
              full.findings.map(({ id }) => id),
            )
          ) {
            const order = (findings: readonly object[]) =>
              findings.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
            assert.deepEqual(order(seen), order(full.findings.map(essence)))
            compared++
          } else {
            for (const { id } of full.findings) assert.ok(incremental.shown.has(id), `${id} is missing`)
            for (const id of incremental.shown.keys()) assert.ok(full.clocks.has(id), `${id} should be gone`)
          }
          assert.deepEqual(incremental.reconciler.ledger.unknown(), full.unknown)
        }
        check()
        for (const step of history) {
          take(step)
          check()
        }

        function take(step: Step): void {
          if (step.do === 'wait') incremental.now += step.seconds * 1000
          else if (step.do === 'blind') {
            const resource = [...looks.listed.keys()][step.which % looks.listed.size] ?? ''
            looks.listed.delete(resource)
            looks.blind.set(resource, { unknown: 'stale', detail: 'nothing heard' })
            if (looks.listed.size === 0) looks.listed.set('pods', 'all')
            incremental.store.watch(looks)
          } else {
            const object = all[step.which % all.length]
            if (!object) return
            const { uid } = object.metadata
            if (step.do === 'remove') {
              held.delete(uid)
              incremental.store.remove(uid, true)
              return
            }
            const same = all.filter(({ kind }) => kind === object.kind)
            const other = same[('with' in step ? step.with : 0) % same.length] ?? object
            const next = step.do === 'exchange' ? exchanged(held.get(uid) ?? object, other, step.part) : object
            held.set(uid, next)
            incremental.store.put(next)
          }
        }
      }),
      { numRuns: name === 'many-faults' ? 6 : 30 },
    )
    assert.ok(kinds.length > 3)
  })

test('most looks were compared in every detail', () => {
  assert.ok(compared > 100, `only ${compared}`)
})

function* iterate(iterator: Iterator<string>): Generator<string> {
  for (let next = iterator.next(); next.done !== true; next = iterator.next()) yield next.value
}

const sameSet = (a: Iterable<string>, b: Iterable<string>): boolean => {
  const [left, right] = [new Set(a), new Set(b)]
  return left.size === right.size && [...left].every((id) => right.has(id))
}

const resourceOf = (kind: string, apiVersion: string): string => {
  const plural = kind.endsWith('s')
    ? `${kind.toLowerCase()}es`
    : kind.endsWith('y')
      ? `${kind.toLowerCase().slice(0, -1)}ies`
      : `${kind.toLowerCase()}s`
  const [group = '', version] = apiVersion.split('/')
  return version === undefined ? plural : `${plural}.${group}`
}
