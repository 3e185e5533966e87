import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { loadRules, type RuleSet } from '../../src/engine/loader.ts'
import type { Fact } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import { known, unknown, type Value } from '../../src/facts/reading.ts'
import type { Subject } from '../../src/facts/subject.ts'
import { RELATIONS } from '../../src/findings/relations.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { formatDuration } from '../../src/util/duration.ts'
import { readings, type GivenReadings } from './arbitrary.ts'
import { container, crashLoop, load, ruleOf, VIEW, VOCABULARY, windowKey, type Readings } from './facts.ts'

const rules = new URL('../../rules/', import.meta.url)
const SHIPPED = readdirSync(rules)
  .toSorted()
  .map((file) => ({ file: `rules/${file}`, text: readFileSync(new URL(file, rules), 'utf8') }))
const REAL = { facts: FACTS, actions: ACTIONS.map(({ name }) => name), relations: Object.keys(RELATIONS) }

type Json = unknown
type Path = readonly (string | number)[]

/** Every place of a value below its top. */
function placesOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path]
  return [
    ...(path.length === 0 ? [] : [path]),
    ...Object.entries(value).flatMap(([key, child]) =>
      placesOf(child, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ]
}

function replaced(value: Json, [first, ...rest]: Path, by: (old: Json) => Json): Json {
  if (first === undefined) return by(value)
  if (Array.isArray(value))
    return value.map((child: Json, index) => (index === first ? replaced(child, rest, by) : child))
  return Object.fromEntries(
    Object.entries(value as object).map(([key, child]: [string, Json]) => [
      key,
      key === first ? replaced(child, rest, by) : child,
    ]),
  )
}

const toEmpty = (old: Json): Json => {
  if (Array.isArray(old)) return []
  if (typeof old === 'object' && old !== null) return {}
  return typeof old === 'string' ? '' : null
}

const FULL = ruleOf(
  {
    any: [
      {
        all: [
          {
            fact: 'restartsIn',
            params: { window: '15m' },
            operator: 'greaterThanInclusive',
            value: { threshold: 'restarts' },
          },
          { fact: 'state', operator: 'in', value: ['waiting'] },
        ],
      },
      { not: { any: [{ fact: 'reasons', operator: 'doesNotContain', value: 'a' }, { condition: 'odd' }] } },
      { fact: 'lastTerminationReason', operator: 'equal', value: 'OOMKilled' },
    ],
  },
  {
    scope: {
      namespaces: ['shop', 'pay-*'],
      kinds: ['Pod'],
      labels: { matchLabels: { app: 'cart' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }] },
    },
    thresholds: { restarts: 3 },
    definitions: { odd: { all: [{ fact: 'image', operator: 'notIn', value: ['x'] }] } },
    inhibits: [{ rule: 'crash-loop', via: 'same-target' }].slice(1),
    examples: {
      fires: [{ lastTerminationReason: 'OOMKilled' }],
      quiet: [{ 'restartsIn(window=15m)': 0, reasons: [], lastTerminationReason: null }],
      unknown: [{}],
    },
  },
)

const SUBJECTS = [
  {},
  { namespace: 'shop' },
  { namespace: 'shop', labels: { app: 'cart' } },
  { namespace: 'pay-1', labels: { app: 'cart', tier: 'web' } },
  { namespace: 'shop', labels: { app: 'cart', tier: 'web' } },
  { namespace: '' },
].flatMap((metadata) =>
  (
    [
      {},
      { lastTerminationReason: known('OOMKilled') },
      { [windowKey('restartsIn', '15m')]: known(9), state: known('waiting') },
      { reasons: known(['a']), image: known('x') },
      { reasons: known([]), image: known(''), lastTerminationReason: known('') },
    ] satisfies Readings[]
  ).map((given) => container(given, metadata)),
)

const firing = ({ rules: [rule] }: RuleSet): number[] =>
  SUBJECTS.flatMap((subject, index) => (rule?.evaluate(subject, VIEW)?.truth === 'true' ? [index] : []))

test('empty means none: emptying any part of a rule refuses it or makes it match less, never more', async () => {
  const before = firing(await load([['rule.json', FULL]]))
  assert.ok(before.length > 0)
  const places = placesOf(FULL).filter(([top]) => top !== 'examples')
  assert.ok(places.length > 60)
  for (const path of places)
    for (const empty of [toEmpty, () => null, () => '', () => [], () => ({})]) {
      const set = await load([['rule.json', replaced(FULL, path, empty)]])
      for (const index of firing(set))
        assert.ok(before.includes(index), `${path.join('.')} emptied matches subject ${index}`)
    }
})

test('empty means none: an override with anything empty is refused or changes nothing more', async () => {
  const override = {
    rule: 'crash-loop',
    namespaces: ['shop'],
    labels: { matchLabels: { app: 'cart' } },
    thresholds: { restarts: 1 },
  }
  const { overrideSchema } = await import('../../src/engine/overrides.ts')
  assert.equal(overrideSchema.safeParse(override).success, true)
  for (const path of placesOf(override).filter(([top]) => top !== 'rule'))
    assert.equal(
      overrideSchema.safeParse(replaced(override, path, toEmpty)).success,
      path.at(-1) === 'app',
      path.join('.'),
    )
})

test('unknown never fires: a shipped rule with any fact misspelt is refused', async () => {
  for (const { file, text } of SHIPPED) {
    const rule = JSON.parse(text) as Record<string, unknown>
    const asked = placesOf(rule).filter(
      (path) => ['fact', 'by'].includes(String(path.at(-1))) && path[0] !== 'examples',
    )
    for (const path of asked) {
      const changed = JSON.stringify(replaced(rule, path, (name) => `${String(name)}x`))
      const { rules: loaded, problems } = await loadRules([{ file, text: changed }], REAL)
      assert.deepEqual(loaded, [])
      assert.match(problems[0]?.message ?? '', /fact/)
    }
  }
})

test('unknown never fires: no shipped rule fires or rests on nothing', async () => {
  const facts = FACTS.map((fact) => ({ ...fact, reads: [], read: () => unknown('not-recorded') }))
  const { rules: loaded } = await loadRules(SHIPPED, { ...REAL, facts })
  assert.ok(loaded.length > 0)
  for (const { rule, evaluate } of loaded)
    for (const kind of rule.subjects) {
      const evaluation = evaluate({ ...container({}), kind } as Subject, VIEW)
      assert.equal(evaluation?.truth, 'unknown', rule.id)
    }
})

/** The shipped rules over readings that a test puts in place of the facts. */
async function overReadings() {
  const given: { now: Example } = { now: {} }
  const facts = FACTS.map((fact) => ({
    ...fact,
    reads: [],
    read: (_subject: unknown, _view: unknown, parameters: Parameters<typeof fact.read>[2]) => {
      const parts = Object.entries(parameters).map(
        ([key, value]) =>
          `${key}=${fact.parameters?.[key]?.type === 'duration' ? formatDuration(Number(value)) : value}`,
      )
      const key = parts.length === 0 ? fact.name : `${fact.name}(${parts.join(',')})`
      return Object.hasOwn(given.now, key) ? known(valueOf(given.now[key])) : unknown('not-recorded')
    },
  }))
  return { given, ...(await loadRules(SHIPPED, { ...REAL, facts })) }
}

const valueOf = (example: unknown): Value =>
  typeof example === 'object' && example !== null && 'atLeast' in example
    ? { atMost: Infinity, ...(example as { atLeast: number }) }
    : (example as Value)

type Example = Readonly<Record<string, unknown>>

/** An example without one of its readings, for each of them. */
const lessOf = (example: Example): Example[] =>
  Object.keys(example).map((left) => Object.fromEntries(Object.entries(example).filter(([key]) => key !== left)))

test('unknown never fires: taking any reading from a quiet example of a shipped rule leaves it quiet', async () => {
  const { given, rules: loaded } = await overReadings()
  let tried = 0
  for (const { rule, evaluate } of loaded) {
    const { text } = SHIPPED.find(({ file }) => file === rule.file)!
    const subject = { ...container({}), kind: rule.subjects[0] } as Subject
    const truth = (now: Example) => ((given.now = now), evaluate(subject, VIEW)?.truth)
    const { examples } = JSON.parse(text) as { examples: Record<'fires' | 'quiet' | 'unknown', Example[]> }
    for (const example of examples.fires) assert.equal(truth(example), 'true', rule.id)
    // A rule that asks what is known may say more when less is known.
    if (/"is(Unk|K)nown"/.test(text)) continue
    for (const less of [...examples.quiet, ...examples.unknown].flatMap(lessOf)) {
      tried++
      assert.notEqual(truth(less), 'true', `${rule.id} on ${JSON.stringify(less)}`)
    }
  }
  assert.ok(tried > 100)
})

test('unknown never fires: a fact that breaks its own type is as good as none', () => {
  fc.assert(
    fc.asyncProperty(fc.anything(), async (value) => {
      const { rules: loaded } = await loadedNot
      const evaluation = loaded[0]?.evaluate(container({ restartCount: known(value as number) }), VIEW)
      const sound =
        typeof value === 'number'
          ? !Number.isNaN(value)
          : typeof value === 'object' && value !== null && 'atLeast' in value
      if (!sound) assert.equal(evaluation?.truth, 'unknown')
    }),
  )
})
const loadedNot = load([
  [
    'rule.json',
    ruleOf(
      { not: { any: [{ fact: 'restartCount', operator: 'greaterThan', value: 2 }] } },
      { examples: { fires: [{ restartCount: 0 }], quiet: [{ restartCount: 3 }], unknown: [{}] } },
    ),
  ],
])

/** Readings as the facts of a test find them: durations in milliseconds. */
const asRead = (given: GivenReadings): Readings =>
  Object.fromEntries(
    Object.entries(given).map(([key, reading]) => [key.replace('15m', '900000').replace('1h', '3600000'), reading]),
  )

const DIFFERENT = [
  ['{', 'not JSON'],
  ['{ "id": "other" }', 'not a rule'],
  [JSON.stringify({ ...crashLoop(), id: 'other', title: '{__proto__}' }), 'not sound'],
] as const

test('a rule that throws, or a file that is broken, changes nothing of the other rules', async () => {
  const throwing = {
    ...crashLoop(),
    id: 'throws',
    conditions: { any: [{ fact: 'throws', operator: 'equal', value: 1 }] },
    explain: 'x',
    examples: { fires: [{ throws: 1 }], quiet: [{ throws: 2 }], unknown: [{}] },
  }
  const thrower: Fact = {
    name: 'throws',
    subjects: ['container'],
    type: 'number',
    description: 'Throws.',
    reads: [],
    read: () => {
      throw new TypeError('no')
    },
  }
  const facts = [...VOCABULARY.facts, thrower]
  const others = Array.from({ length: 3 }, (_, index) => ({
    file: `${index}.json`,
    text: JSON.stringify({ ...crashLoop(), id: `rule-${index}` }),
  }))
  const alone = await loadRules(others, { ...VOCABULARY, facts })
  for (const [bad, what] of [...DIFFERENT, [JSON.stringify(throwing), 'throws'] as const]) {
    const beside = await loadRules([{ file: '.json', text: bad }, ...others], { ...VOCABULARY, facts })
    fc.assert(
      fc.property(readings, (given) => {
        const subject = container(asRead(given))
        const say = (set: RuleSet) =>
          set.rules
            .filter(({ rule }) => rule.id.startsWith('rule-'))
            .map(({ evaluate }) => JSON.stringify(evaluate(subject, VIEW)))
        for (const { evaluate } of beside.rules) evaluate(subject, VIEW)
        assert.deepEqual(say(beside), say(alone), what)
      }),
      { numRuns: 50 },
    )
    assert.deepEqual(beside.disabled(), what === 'throws' ? [{ rule: 'throws', reason: 'TypeError: no' }] : [])
  }
})

declare global {
  var canary: string | undefined
}

/** What has run code through json-rules-engine or a template before, and what might. */
const PAYLOADS = [
  "$..[?(p=\"globalThis.canary='1'\";a=''[['constructor']][['constructor']](p);a())]",
  '$[?(this.constructor.constructor("globalThis.canary=\'2\'")())]',
  "$..[?(@.__lookupGetter__('x').constructor.call(\"globalThis.canary='3'\"))]",
  "${globalThis.canary='4'}",
  "{globalThis.canary='5'}",
  '{constructor}',
  '{__proto__}',
  "');globalThis.canary='6';('",
  '(a+)+$',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
]
const payload = fc.constantFrom(...PAYLOADS)

const prototypes = () =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype].map((proto) =>
    Reflect.ownKeys(proto).map((key) => [key, Object.getOwnPropertyDescriptor(proto, key)?.value as unknown]),
  )

/** A rule with hostile text somewhere: in place of any value, as a key, or as a value beside others. */
const hostile = fc
  .tuple(fc.constantFrom(...placesOf(FULL)), payload, fc.constantFrom('value', 'key', 'path', 'object'))
  .map(([path, text, how]) =>
    replaced(FULL, path, (old) => {
      if (how === 'value') return text
      const inside = typeof old === 'object' && old !== null && !Array.isArray(old) ? old : {}
      if (how === 'object') return { [text]: old }
      return { ...inside, [how === 'path' ? 'path' : text]: text }
    }),
  )

test('no code from data: hostile text anywhere in a rule runs nothing and pollutes nothing', async () => {
  const before = prototypes()
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        hostile,
        fc.json().map((text) => JSON.parse(text) as Json),
        fc.object(),
      ),
      fc.boolean(),
      async (rule, raw) => {
        const text = raw ? JSON.stringify(rule).replaceAll('"app"', '"__proto__"') : JSON.stringify(rule)
        const set = await load([['rule.json', text]])
        for (const { evaluate } of set.rules)
          for (const subject of SUBJECTS) {
            const evaluation = evaluate(subject, VIEW)
            if (evaluation?.truth === 'true') evaluation.explain({ target: PAYLOADS[0] ?? '' })
          }
        assert.equal(set.rules.length + Math.min(1, set.problems.length), 1)
        assert.equal(globalThis.canary, undefined)
      },
    ),
    { numRuns: 1500 },
  )
  assert.deepEqual(prototypes(), before)
})

test('no code from data: hostile readings run nothing and stay text', async () => {
  const { rules: loaded } = await load([
    ['rule.json', { ...FULL, scope: undefined, explain: '{lastTerminationReason} {image} {reasons}' }],
  ])
  for (const text of PAYLOADS) {
    const evaluation = loaded[0]?.evaluate(
      container({ lastTerminationReason: known('OOMKilled'), image: known(text), reasons: known([text]) }),
      VIEW,
    )
    assert.ok(evaluation?.truth === 'true')
    assert.equal(evaluation.explain({ target: text }).message, `OOMKilled ${text} ${text}`)
  }
  assert.equal(globalThis.canary, undefined)
})

test('text that is cut or changed anywhere is refused or loads, and never throws', async () => {
  const text = JSON.stringify(FULL, null, 1)
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.nat(30), fc.string({ maxLength: 8 }), async (at, length, put) => {
      const { rules: loaded, problems } = await load([['rule.json', text.slice(0, at) + put + text.slice(at + length)]])
      assert.equal(loaded.length + Math.min(1, problems.length), 1)
      for (const { line, column } of problems) assert.ok(line >= 1 && column >= 1)
    }),
    { numRuns: 500 },
  )
})
