import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CompiledRule, Evaluation, Inhibits, Rule, Severity } from '../../src/engine/rule.ts'
import type { Subject } from '../../src/facts/subject.ts'
import type { Assessment } from '../../src/findings/assess.ts'
import type { SuppressionEntry } from '../../src/findings/suppress.ts'
import { reconcile } from '../../src/reconcile.ts'
import { NOW, deployment, namespace, pod, replicaSet, snapshotOf, type Raw } from '../support/build.ts'

interface Fake {
  readonly id: string
  readonly subject?: 'pod' | 'workload' | 'namespace'
  readonly inhibits?: readonly Inhibits[]
  readonly severity?: Severity
  /** Names of the objects that it is true of, and since how many minutes. */
  readonly holds: Readonly<Record<string, number>>
  readonly unknown?: readonly string[]
}

/** A rule that is true of the named objects, with a duration of ten minutes. */
function rule({ id, subject = 'pod', inhibits = [], severity = 'high', holds, unknown = [] }: Fake): CompiledRule {
  const about: Rule = {
    id,
    version: 'sha256:0',
    file: `${id}.json`,
    subjects: [subject],
    severity,
    category: 'health',
    inhibits,
    recommend: [],
    runbook: '',
  }
  const evaluate = ({ object }: Subject): Evaluation => {
    const { name } = object.metadata
    const minutes = holds[name]
    if (unknown.includes(name)) return { truth: 'unknown', reason: 'forbidden', detail: 'no' }
    if (minutes === undefined) return { truth: 'false' }
    return {
      truth: 'true',
      since: NOW - minutes * 60_000,
      severity,
      forMs: 600_000,
      resolveAfterMs: 0,
      flickerMs: 60_000,
      explain: ({ target }) => ({ title: `${id} of ${target}`, message: '', evidence: [] }),
    }
  }
  return { rule: about, resources: [], evaluate }
}

const web = deployment({ name: 'web' })
const set = replicaSet({ name: 'web-1', owner: web })
const podOf = (name: string, annotations?: Record<string, string>): Raw =>
  pod({ name, owner: set, ...(annotations ? { annotations } : {}) })
const OBJECTS = [web, set, podOf('a'), podOf('b')]

function assess(
  rules: readonly Fake[],
  objects: readonly Raw[] = OBJECTS,
  suppressions: SuppressionEntry[] = [],
): Assessment {
  return reconcile(snapshotOf(objects), {
    rules: { rules: rules.map(rule), disabled: () => [] },
    suppressions,
    clocks: new Map(),
    now: NOW,
    wanted: () => true,
  })
}

const brief = ({ findings }: Assessment): Record<string, unknown> => {
  const ruleOf = new Map(findings.map((finding) => [finding.id, finding.rule.id]))
  return Object.fromEntries(
    findings.map(({ rule: { id }, state, causedBy }) => [id, causedBy ? `${state} by ${ruleOf.get(causedBy)}` : state]),
  )
}

const via = (other: string, relation = 'same-pod'): Inhibits[] => [{ rule: other, via: relation }]

test('pods roll up to their root owner: one finding, the earliest clock', () => {
  const { findings } = assess([{ id: 'crash', holds: { a: 3, b: 12 } }])
  assert.deepEqual(
    findings.map(({ target, subjects, state, since }) => [target.kind, target.name, subjects.count, state, since]),
    [['Deployment', 'web', 2, 'firing', NOW - 720_000]],
  )
})

test('a finding is inhibited only when all its subjects are explained', () => {
  const crash = (holds: Fake['holds']): Fake => ({ id: 'crash', inhibits: via('not-ready'), holds })
  const notReady: Fake = { id: 'not-ready', holds: { a: 12, b: 12 } }
  assert.deepEqual(brief(assess([crash({ a: 12, b: 12 }), notReady])), {
    crash: 'firing',
    'not-ready': 'inhibited by crash',
  })
  assert.deepEqual(brief(assess([crash({ a: 12 }), notReady])), { crash: 'firing', 'not-ready': 'firing' })
})

test('the root of a chain is named, and takes over the earliest time and the state of what it explains', () => {
  const { findings } = assess([
    { id: 'oom', inhibits: via('crash'), holds: { a: 1 } },
    { id: 'crash', inhibits: via('stuck', 'same-target'), holds: { a: 2 } },
    { id: 'stuck', subject: 'workload', holds: { web: 30 } },
  ])
  const [oom, ...rest] = findings.toSorted((a, b) => (a.rule.id === 'oom' ? -1 : b.rule.id === 'oom' ? 1 : 0))
  assert.deepEqual([oom?.state, oom?.since, oom?.causedBy], ['firing', NOW - 1_800_000, null])
  assert.deepEqual(
    rest.map(({ state, causedBy }) => [state, causedBy]),
    [
      ['inhibited', oom?.id],
      ['inhibited', oom?.id],
    ],
  )
})

test('a cause explains from pending on', () => {
  assert.deepEqual(
    brief(
      assess([
        { id: 'crash', inhibits: via('not-ready'), holds: { a: 1 } },
        { id: 'not-ready', holds: { a: 1 } },
      ]),
    ),
    { crash: 'pending', 'not-ready': 'inhibited by crash' },
  )
})

test('an unknown cause explains nothing, and an unknown effect stays unknown', () => {
  const unsure = assess([
    { id: 'crash', inhibits: via('not-ready'), holds: {}, unknown: ['a'] },
    { id: 'not-ready', holds: { a: 12 } },
  ])
  assert.deepEqual(brief(unsure), { 'not-ready': 'firing' })
  assert.deepEqual(
    unsure.unknown.map(({ rule: id, reason, subjects }) => [id, reason, subjects.count]),
    [['crash', 'forbidden', 1]],
  )
})

test('one subject that is true outweighs others that are unknown', () => {
  const assessment = assess([{ id: 'crash', holds: { a: 12 }, unknown: ['b'] }])
  assert.deepEqual([brief(assessment), assessment.unknown], [{ crash: 'firing' }, []])
})

const IGNORE = { 'dogwatch.io/ignore': 'crash', 'dogwatch.io/ignore-reason': 'known, ticket 7' }

test('a suppressed cause explains nothing', () => {
  const marked = [web, set, podOf('a', IGNORE), podOf('b')]
  const rules: Fake[] = [
    { id: 'crash', inhibits: via('not-ready'), holds: { a: 12 } },
    { id: 'not-ready', holds: { a: 12 } },
  ]
  assert.deepEqual(brief(assess(rules, marked)), { crash: 'suppressed', 'not-ready': 'firing' })
})

test('a finding is suppressed when each of its subjects is, or its target', () => {
  const both: Fake = { id: 'crash', holds: { a: 12, b: 12 } }
  assert.deepEqual(brief(assess([both], [web, set, podOf('a', IGNORE), podOf('b')])), { crash: 'firing' })
  const owner = deployment({ name: 'web', annotations: IGNORE })
  const [finding] = assess([both], [owner, set, podOf('a'), podOf('b')]).findings
  assert.deepEqual(finding?.suppressedBy, { by: 'object', reason: 'known, ticket 7', until: undefined })
})

test('a mark without a reason or past its end suppresses nothing', () => {
  const crash: Fake = { id: 'crash', holds: { a: 12 } }
  const { 'dogwatch.io/ignore': ignore } = IGNORE
  const reasonless = { 'dogwatch.io/ignore': ignore }
  const expired = { ...IGNORE, 'dogwatch.io/ignore-until': '2026-11-21T11:59:59Z' }
  const later = { ...IGNORE, 'dogwatch.io/ignore-until': '2026-11-21T12:00:01Z' }
  for (const [mark, state] of [
    [reasonless, 'firing'],
    [expired, 'firing'],
    [later, 'suppressed'],
  ] as const)
    assert.deepEqual(brief(assess([crash], [web, set, podOf('a', mark)])), { crash: state })
})

test('the configuration suppresses by rule, namespace, kind and name, until its end', () => {
  const crash: Fake = { id: 'crash', holds: { a: 12 } }
  const entry = (more: Partial<SuppressionEntry>): SuppressionEntry => ({
    rules: ['crash'],
    reason: 'ticket 8',
    ...more,
  })
  const stateWith = (more: Partial<SuppressionEntry>): unknown =>
    brief(assess([crash], OBJECTS, [entry(more)]))['crash']
  assert.equal(stateWith({}), 'suppressed')
  assert.equal(stateWith({ rules: ['cr*'], namespaces: ['sh?p'], kinds: ['Deployment'], names: ['we*'] }), 'suppressed')
  assert.equal(stateWith({ namespaces: ['bank'] }), 'firing')
  assert.equal(stateWith({ kinds: ['Pod'] }), 'firing')
  assert.equal(stateWith({ until: '2026-11-21T12:00:00Z' }), 'firing')
  assert.equal(stateWith({ until: '2026-11-21T12:00:01Z' }), 'suppressed')
})

test('findings are ordered by severity, then id', () => {
  const { findings } = assess([
    { id: 'z', severity: 'low', holds: { a: 12 } },
    { id: 'a', severity: 'info', holds: { a: 12 } },
    { id: 'm', severity: 'critical', holds: { a: 12 } },
  ])
  assert.deepEqual(
    findings.map((finding) => finding.rule.id),
    ['m', 'z', 'a'],
  )
})

test('what is not asked for is left out, but for what explains it', () => {
  const rules = [
    rule({ id: 'crash', holds: { other: 12 } }),
    rule({ id: 'full', inhibits: via('not-ready', 'objects-in-namespace'), subject: 'namespace', holds: { shop: 12 } }),
    rule({ id: 'not-ready', holds: { a: 12 } }),
  ]
  const objects = [...OBJECTS, namespace({ name: 'shop' }), pod({ name: 'other', namespace: 'bank' })]
  const wanted = ({ namespace: where }: { namespace: string | undefined }): boolean => where === 'shop'
  const judged = reconcile(snapshotOf(objects), {
    rules: { rules, disabled: () => [] },
    suppressions: [],
    clocks: new Map(),
    now: NOW,
    wanted,
  })
  assert.deepEqual(brief(judged), { full: 'firing', 'not-ready': 'inhibited by full' })
})
