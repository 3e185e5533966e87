import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/engine/rule-file.ts'
import { crashLoop, load } from './facts.ts'

const FILE = 'rules/crash-loop.json'
type Rule = Record<string, unknown>

/** A part of the rule of the design, changed. */
const changed =
  (key: string, value: unknown) =>
  (rule: Rule): Rule => ({ ...rule, [key]: value })

const leaf = (more: Rule) =>
  changed('conditions', { all: [{ fact: 'restartCount', operator: 'equal', value: 1, ...more }] })
const conditions = (value: unknown) => changed('conditions', value)
const examples = (more: Rule) => (rule: Rule) => ({ ...rule, examples: { ...crashLoop().examples, ...more } })
const restarts = { fact: 'restartCount', operator: 'greaterThan', value: 1 }
const known = { fact: 'lastExitCode', operator: 'notEqual', value: null }
const exitBelow = { fact: 'lastExitCode', operator: 'lessThan', value: 5 }

/** What is wrong, what is said of it, and the text that the place points to. */
const REFUSED: [fault: string, edit: (rule: Rule) => Rule, says: RegExp, at: string][] = [
  [
    'a key that is unknown',
    changed('severty', 'high'),
    /^unknown key "severty"; did you mean "severity"\?$/,
    '"severty"',
  ],
  ['a key of a condition', leaf({ parms: {} }), /^unknown key "parms"; did you mean "params"\?$/, '"parms"'],
  ['a path', leaf({ path: '$.a' }), /^unknown key "path"/, '"path"'],
  ['a severity', changed('severity', 'critcal'), /^unknown "critcal"; did you mean "critical"\?$/, '"critcal"'],
  ['a category', changed('category', 'wealth'), /did you mean "health"/, '"wealth"'],
  ['a subject', changed('subject', 'containr'), /did you mean "container"/, '"containr"'],
  ['no subject', changed('subject', []), /./, '[]'],
  ['a missing title', ({ title: _title, ...rule }) => rule, /^"title" is missing$/, '{\n  "$schema"'],
  ['missing conditions', ({ conditions: _c, ...rule }) => rule, /^"conditions" is missing$/, '{\n  "$schema"'],
  [
    'a missing runbook',
    ({ runbook: _runbook, ...rule }) => ({ ...rule, recommend: [] }),
    /^"runbook" is missing$/,
    '{\n  "$schema"',
  ],
  ['an empty runbook', changed('runbook', ''), /./, '""'],
  ['a title of the wrong type', changed('title', 5), /^string expected, number found$/, '5'],
  [
    'a fact',
    leaf({ fact: 'restartCont' }),
    /^unknown fact "restartCont" of a container; did you mean "restartCount"\?$/,
    '"restartCont"',
  ],
  [
    'a fact of another subject',
    leaf({ fact: 'age' }),
    /^the fact "age" is there for node, not for container$/,
    '"age"',
  ],
  [
    'a fact that one of two subjects lacks',
    (rule) => ({ ...leaf({})(rule), subject: ['container', 'pod'] }),
    /is there for container, not for pod/,
    '"restartCount"',
  ],
  ['a fact of Object.prototype', leaf({ fact: 'toString' }), /^unknown fact "toString"/, '"toString"'],
  ['an operator', leaf({ operator: 'equals' }), /did you mean "equal"/, '"equals"'],
  ['a decorated operator', leaf({ operator: 'not:equal' }), /not:equal/, '"not:equal"'],
  [
    'an operator of another type',
    leaf({ operator: 'contains', value: 'x' }),
    /^the operator "contains" does not fit restartCount, which is a number; it takes equal,/,
    '"contains"',
  ],
  ['a value of another type', leaf({ value: '3' }), /^restartCount is a number; "3" is none$/, '"3"'],
  ['null where it cannot be', leaf({ value: null }), /^restartCount is never null$/, 'null'],
  [
    'order against null',
    leaf({ fact: 'lastExitCode', operator: 'lessThan', value: null }),
    /cannot compare with null/,
    'null',
  ],
  [
    'a word that is never said',
    leaf({ fact: 'state', value: 'runing' }),
    /never "runing"; it is one of running, waiting, terminated; did you mean "running"\?/,
    '"runing"',
  ],
  [
    'a word in a list',
    leaf({ fact: 'state', operator: 'in', value: ['running', 'x'] }),
    /never "x"/,
    '[\n          "running"',
  ],
  [
    'one word for a list',
    leaf({ fact: 'state', operator: 'in', value: 'running' }),
    /takes a list of strings/,
    '"running"',
  ],
  ['an empty list of words', leaf({ fact: 'state', operator: 'notIn', value: [] }), /./, '[]'],
  [
    'a list for a word',
    leaf({ fact: 'reasons', operator: 'contains', value: ['a'] }),
    /takes one string/,
    '[\n          "a"',
  ],
  ['isKnown with false', leaf({ operator: 'isKnown', value: false }), /the value of isKnown is true/, 'false'],
  [
    'another fact of another type',
    leaf({ value: { fact: 'image' } }),
    /^image is a string; a number is needed here$/,
    '{\n          "fact": "image"',
  ],
  [
    'a list that may be null',
    (rule) => ({
      ...rule,
      subject: 'pod',
      conditions: { all: [{ fact: 'owners', operator: 'contains', value: { fact: 'reasons' } }] },
    }),
    /is a list of strings; a string is needed/,
    '{\n          "fact": "reasons"',
  ],
  [
    'a parameter that is missing',
    leaf({ fact: 'restartsIn' }),
    /^the fact "restartsIn" needs the parameter "window"$/,
    '{\n        "fact": "restartsIn"',
  ],
  [
    'a parameter too many',
    leaf({ params: { window: '5m' } }),
    /has no parameter "window"/,
    '{\n          "window": "5m"',
  ],
  [
    'a misspelt parameter',
    leaf({ fact: 'restartsIn', params: { windo: '5m' } }),
    /no parameter "windo"; did you mean "window"\?/,
    '{\n          "windo"',
  ],
  [
    'a bad duration in a parameter',
    leaf({ fact: 'restartsIn', params: { window: '5 minutes' } }),
    /is a duration; "5 minutes" is none/,
    '{\n          "window"',
  ],
  [
    'a threshold that is not there',
    leaf({ value: { threshold: 'limit' } }),
    /no threshold is named "limit"/,
    '{\n          "threshold"',
  ],
  ['a threshold nobody uses', changed('thresholds', { limit: 3 }), /nothing in this rule uses "limit"/, '"limit"'],
  [
    'a definition nobody uses',
    changed('definitions', { odd: { all: [restarts] } }),
    /nothing in this rule uses "odd"/,
    '"odd"',
  ],
  ['a definition that is not there', conditions({ all: [{ condition: 'od' }] }), /no definition is named "od"/, '"od"'],
  [
    'a definition of itself',
    (rule) => ({
      ...rule,
      conditions: { condition: 'a' },
      definitions: { a: { all: [{ condition: 'b' }] }, b: { not: { condition: 'a' } } },
    }),
    /stands for itself/,
    '"conditions"',
  ],
  ['an empty any', conditions({ any: [] }), /an empty list would decide nothing/, '[]'],
  [
    'an empty all deep inside',
    conditions({ any: [restarts, { not: { all: [] } }] }),
    /an empty list would decide nothing/,
    '[]',
  ],
  ['no conditions', conditions({}), /is missing/, '{}'],
  ['two groups in one', conditions({ all: [restarts], any: [restarts] }), /^unknown key "(any|all)"/, '"any"'],
  ['a lone leaf at the top', conditions(restarts), /^a lone question goes into/, '"conditions": ¦{'],
  [
    'order under not, unguarded',
    conditions({ not: exitBelow }),
    /under "not", a lastExitCode of null makes this true/,
    '{\n      "fact": "lastExitCode"',
  ],
  [
    'a guard in another branch',
    conditions({ any: [known, { not: exitBelow }] }),
    /a lastExitCode of null/,
    '{\n          "fact": "lastExitCode",\n          "operator": "lessThan"',
  ],
  [
    'isKnown, which null passes',
    conditions({ all: [{ ...known, operator: 'isKnown', value: true }, { not: exitBelow }] }),
    /a lastExitCode of null/,
    '{\n          "fact": "lastExitCode",\n          "operator": "lessThan"',
  ],
  ['a duration', changed('for', '5 minutes'), /a duration such as/, '"5 minutes"'],
  ['a negative duration', changed('resolveAfter', '-5m'), /a duration such as/, '"-5m"'],
  [
    'for by a fact that is unknown',
    changed('for', { by: 'stat', values: { running: '1m' }, default: '5m' }),
    /did you mean "state"/,
    '"stat"',
  ],
  [
    'for by a number',
    changed('for', { by: 'restartCount', values: { '1': '1m' }, default: '5m' }),
    /a string or a boolean can decide/,
    '"by": ¦"restartCount"',
  ],
  [
    'for by a word never said',
    changed('for', { by: 'state', values: { runing: '1m' }, default: '5m' }),
    /did you mean "running"/,
    '"runing"',
  ],
  [
    'an action',
    changed('recommend', ['restart-workloads']),
    /unknown action "restart-workloads"; did you mean "restart-workload"\?/,
    '"restart-workloads"',
  ],
  [
    'a relation',
    changed('inhibits', [{ rule: 'crash-loop', via: 'same-targt' }]),
    /unknown relation "same-targt"; did you mean "same-target"\?/,
    '"same-targt"',
  ],
  [
    'an inhibited rule',
    changed('inhibits', [{ rule: 'crash-loops', via: 'same-target' }]),
    /unknown rule "crash-loops"; did you mean "crash-loop"\?/,
    '"crash-loops"',
  ],
  [
    'inhibiting itself',
    changed('inhibits', [{ rule: 'crash-loop', via: 'same-target' }]),
    /in a circle: crash-loop → crash-loop/,
    '"inhibits"',
  ],
  [
    'a placeholder',
    changed('title', '{contaner} crashes'),
    /\{contaner\} is no placeholder: unknown fact.*did you mean "container"\?/,
    '"{contaner} crashes"',
  ],
  [
    'a placeholder without its parameter',
    changed('explain', '{restartsIn}'),
    /needs the parameter "window"/,
    '"{restartsIn}"',
  ],
  [
    'a placeholder not in its normal form',
    changed('explain', '{restartsIn(window=900s)}'),
    /is written "restartsIn\(window=15m\)"/,
    '"{restartsIn(window=900s)}"',
  ],
  [
    'an open brace',
    changed('explain', 'restarted {restartCount'),
    /a brace without its other half/,
    '"restarted {restartCount"',
  ],
  ['an id that is no name', changed('id', 'Crash Loop'), /a name is a lower-case letter/, '"Crash Loop"'],
  [
    'an example key',
    examples({ quiet: [{ 'restartsIn(window=10m)': 1 }] }),
    /this rule does not read restartsIn\(window=10m\); did you mean "restartsIn\(window=15m\)"/,
    '"restartsIn(window=10m)"',
  ],
  ['an example key that is no fact', examples({ quiet: [{ restarts: 1 }] }), /unknown fact "restarts"/, '"restarts"'],
  [
    'an example key not in its normal form',
    examples({ quiet: [{ 'restartsIn(window=900s)': 1 }] }),
    /is written "restartsIn\(window=15m\)"/,
    '"restartsIn(window=900s)"',
  ],
  [
    'an example value',
    examples({ quiet: [{ restartCount: 'many' }] }),
    /restartCount is a number; "many" is none/,
    '"many"',
  ],
  [
    'example bounds of a string',
    examples({ quiet: [{ lastTerminationReason: { atLeast: 1 } }] }),
    /only a number has bounds/,
    '{\n          "atLeast"',
  ],
  [
    'example bounds upside down',
    examples({ quiet: [{ restartCount: { atLeast: 5, atMost: 2 } }] }),
    /atLeast is above atMost/,
    '{\n          "atLeast"',
  ],
  ['no example that fires', examples({ fires: [] }), /./, '[]'],
  [
    'no group of unknown examples',
    (rule) => ({ ...rule, examples: { fires: crashLoop().examples['fires'], quiet: crashLoop().examples['quiet'] } }),
    /^"unknown" is missing$/,
    '{\n    "fires"',
  ],
  [
    'an example that does not fire',
    examples({ fires: [{ 'restartsIn(window=15m)': 1, restartCount: 0 }] }),
    /the rule is false here, not true/,
    '{\n        "restartsIn(window=15m)": 1,\n        "restartCount": 0',
  ],
  [
    'an example that is not quiet',
    examples({ quiet: [{}] }),
    /the rule is unknown here, not false: the example does not say/,
    '{}\n    ],\n    "unknown"',
  ],
  [
    'an example that is not unknown',
    examples({ unknown: [{ 'restartsIn(window=15m)': 4 }] }),
    /the rule is true here, not unknown/,
    '{\n        "restartsIn(window=15m)": 4\n      }\n    ]\n  }',
  ],
  ['an empty scope', changed('scope', {}), /an empty scope selects nothing/, '"scope": ¦{}'],
  ['a scope without namespaces', changed('scope', { namespaces: [] }), /./, '[]'],
  ['a scope of an empty name', changed('scope', { namespaces: [''] }), /./, '""'],
  ['a scope without kinds', changed('scope', { kinds: [] }), /./, '[]'],
  [
    'a kind that no container has',
    changed('scope', { kinds: ['Pod', 'Deployment'] }),
    /no object behind a container is a "Deployment"; it is one of Pod$/,
    '"Deployment"',
  ],
  ['an empty selector', changed('scope', { labels: {} }), /an empty selector selects nothing/, '"labels": ¦{}'],
  [
    'a selector without labels',
    changed('scope', { labels: { matchLabels: {} } }),
    /an empty map selects nothing/,
    '"matchLabels": ¦{}',
  ],
  ['a selector without expressions', changed('scope', { labels: { matchExpressions: [] } }), /./, '[]'],
]

/** Where a part of a text stands; what is before a `¦` is only there to find it. */
function placeOf(text: string, part: string): Pick<Problem, 'line' | 'column'> {
  const [context = '', rest] = part.includes('¦') ? part.split('¦') : ['', part]
  const offset = text.indexOf(context + rest) + context.length
  assert.ok(text.includes(context + rest), `the text has ${part}`)
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

for (const [fault, edit, says, at] of REFUSED) {
  test(`refused, with its place: ${fault}`, async () => {
    const rule = edit(crashLoop())
    const { rules, problems } = await load([[FILE, rule]])
    assert.equal(rules.length, 0)
    const [problem] = problems
    assert.ok(problem, 'there is a problem')
    assert.match(problem.message, says)
    assert.equal(problem.file, FILE)
    const { line, column } = problem
    assert.deepEqual({ line, column }, placeOf(JSON.stringify(rule, null, 2), at))
  })
}

const READY = {
  title: '{target}',
  explain: 'ready is {ready}',
  conditions: { all: [{ fact: 'ready', operator: 'equal', value: false }] },
  examples: { fires: [{ ready: false }], quiet: [{ ready: true }], unknown: [{}] },
}

const TAKEN: [what: string, edit: (rule: Rule) => Rule][] = [
  ['the rule of the design', (rule) => rule],
  ['a guard beside the not', conditionsWith({ all: [known, { not: exitBelow }] })],
  ['a guard below the not', conditionsWith({ not: { any: [{ ...known, operator: 'equal' }, exitBelow] } })],
  [
    'a guard further up',
    conditionsWith({ all: [known, { any: [{ not: exitBelow }, { ...known, operator: 'equal', value: 9 }] }] }),
  ],
  [
    'another order as a guard',
    conditionsWith({ all: [{ ...exitBelow, operator: 'greaterThan', value: 0 }, { not: exitBelow }] }),
  ],
  ['an even number of nots', conditionsWith({ not: { not: exitBelow } }, false)],
  ['a scope', changed('scope', { namespaces: ['shop-*'], kinds: ['Pod'], labels: { matchLabels: { app: 'cart' } } })],
  ['for by a fact', changed('for', { by: 'ready', values: { true: '0s' }, default: '5m' })],
  ['two subjects', ({ subject: _s, ...rule }) => ({ ...rule, subject: ['container', 'pod'], ...READY })],
]

/** Conditions over exit codes above 5, or up to 5 where they are not negated in the end. */
function conditionsWith(value: unknown, above = true) {
  const [fires, quiet] = above ? [7, 3] : [3, 7]
  const readings = {
    fires: [{ lastExitCode: fires }],
    quiet: [{ lastExitCode: quiet }, { lastExitCode: null }],
    unknown: [{}],
  }
  return (rule: Rule): Rule => ({ ...rule, conditions: value, explain: '{restartCount}', examples: readings })
}

for (const [what, edit] of TAKEN) {
  test(`taken: ${what}`, async () => {
    const { rules, problems } = await load([[FILE, edit(crashLoop())]])
    assert.deepEqual(problems, [])
    assert.equal(rules.length, 1)
  })
}

test('every fault of a file is named at once', async () => {
  const rule = {
    ...crashLoop(),
    recommend: ['reboot'],
    explain: '{nothing}',
    for: { by: 'nothing', values: { a: '1m' }, default: '1m' },
  }
  const { problems } = await load([[FILE, rule]])
  assert.equal(problems.length, 3)
})

const BROKEN: [what: string, text: string, says: RegExp, place: [line: number, column: number]][] = [
  ['an empty file', '', /the file is empty/, [1, 1]],
  ['a file that is cut off', '{\n  "id": "x",\n  "subj', /./, [3, 3]],
  ['no JSON', 'id: crash-loop', /this is no JSON value/, [1, 1]],
  ['a comment', '{\n  // why\n}', /JSON has no comments/, [2, 3]],
  ['a comma too many', '{\n  "id": "x",\n}', /a key in double quotes|a value is expected/, [3, 1]],
  ['a key that is there twice', '{\n  "id": "x",\n  "id": "y"\n}', /this key is there twice/, [3, 3]],
  ['__proto__', '{\n  "__proto__": { "x": 1 }\n}', /the key "__proto__" is not allowed/, [2, 3]],
  ['__proto__ behind an escape', '{ "\\u005f_proto__": 1 }', /the key "__proto__" is not allowed/, [1, 3]],
  [
    'constructor deep inside',
    '{ "conditions": { "all": [{ "constructor": 1 }] } }',
    /"constructor" is not allowed/,
    [1, 29],
  ],
  ['a long string', `{ "id": "${'x'.repeat(5000)}" }`, /a string of 5000 characters; at most 4096/, [1, 9]],
  ['a long list', `{ "a": [${'1,'.repeat(1500)}1] }`, /1501 entries; at most 1000/, [1, 8]],
  ['a large file', ' '.repeat(2 ** 20 + 1), /larger than 1 MiB/, [1, 1]],
  ['a deep file', '['.repeat(200_000), /nested more than 64 deep/, [1, 65]],
  ['a list', '[]', /object expected, a list found/, [1, 1]],
  ['null', 'null', /object expected, null found/, [1, 1]],
]

for (const [what, text, says, [line, column]] of BROKEN) {
  test(`refused, with its place: ${what}; the other file goes on`, async () => {
    const { rules, problems } = await load([
      ['rules/a.json', text],
      [FILE, crashLoop()],
    ])
    assert.deepEqual(
      rules.map(({ rule }) => rule.id),
      ['crash-loop'],
    )
    const [problem] = problems
    assert.ok(problem)
    assert.match(problem.message, says)
    assert.deepEqual([problem.file, problem.line, problem.column], ['rules/a.json', line, column])
  })
}

test('conditions nested beyond 16 are refused, and so are short files that stand for many', async () => {
  const nested = (depth: number): unknown => (depth === 0 ? restarts : { not: nested(depth - 1) })
  const deep = await load([[FILE, { ...crashLoop(), conditions: nested(17) }]])
  assert.match(deep.problems[0]?.message ?? '', /nested 17 deep; at most 16/)
  const names = Array.from({ length: 12 }, (_, i) => `d${i}`)
  const definitions = Object.fromEntries(
    names.map((name, i) => [
      name,
      { all: i === 0 ? [restarts] : Array.from({ length: 10 }, () => ({ condition: `d${i - 1}` })) },
    ]),
  )
  const bomb = await load([[FILE, { ...crashLoop(), definitions, conditions: { condition: 'd11' } }]])
  assert.match(bomb.problems[0]?.message ?? '', /the conditions ask 1e\+?11|100000000000 questions; at most 1000/)
})

test('a byte order mark is no fault', async () => {
  const { problems } = await load([[FILE, `\uFEFF${JSON.stringify(crashLoop())}`]])
  assert.deepEqual(problems, [])
})

test('of two rules with one id the later file is refused, by name of the first', async () => {
  const { rules, problems } = await load([
    ['a.json', crashLoop()],
    ['b.json', { ...crashLoop(), severity: 'low' }],
  ])
  assert.deepEqual(
    rules.map(({ rule }) => rule.severity),
    ['critical'],
  )
  assert.deepEqual(
    problems.map(({ file, message }) => `${file}: ${message}`),
    ['b.json: the id "crash-loop" is already that of a.json'],
  )
})

test('a broken rule does not take its id with it, nor the rules that name it', async () => {
  const inhibits = [{ rule: 'other', via: 'same-target' }]
  const broken = { ...crashLoop(), id: 'other', severity: 'odd' }
  const { rules, problems } = await load([
    ['a.json', { ...crashLoop(), inhibits }],
    ['b.json', broken],
    ['c.json', '{ not json'],
    ['d.json', { ...crashLoop(), id: 'fourth', inhibits: [{ rule: 'c', via: 'same-target' }] }],
    ['e.json', { ...crashLoop(), id: 'other' }],
  ])
  assert.deepEqual(
    rules.map(({ rule }) => rule.id),
    ['crash-loop', 'fourth', 'other'],
  )
  assert.deepEqual([...new Set(problems.map(({ file }) => file))], ['b.json', 'c.json'])
})

test('of rules that inhibit in a circle the one in the last file is refused', async () => {
  const link = (id: string, ...to: string[]) => ({
    ...crashLoop(),
    id,
    inhibits: to.map((rule) => ({ rule, via: 'same-target' })),
  })
  const { rules, problems } = await load([
    ['z.json', link('a', 'b')],
    ['m.json', link('b', 'c')],
    ['n.json', link('c', 'a', 'd')],
    ['d.json', link('d')],
  ])
  assert.deepEqual(
    rules.map(({ rule }) => rule.id),
    ['b', 'c', 'd'],
  )
  assert.deepEqual(
    problems.map(({ file, message }) => [file, message]),
    [['z.json', 'inhibits in a circle: a → b → c → a']],
  )
})

test('the version of a rule is that of its content, not of its layout', async () => {
  const { $schema, id, ...rest } = crashLoop()
  const version = async (rule: unknown) => (await load([[FILE, rule]])).rules[0]?.rule.version
  const first = await version(crashLoop())
  assert.match(first ?? '', /^sha256:[0-9a-f]{64}$/)
  assert.equal(await version(JSON.stringify({ ...rest, id, $schema })), first)
  assert.notEqual(await version({ ...crashLoop(), severity: 'low' }), first)
})

test('progress is told after each file', async () => {
  const told: [number, number][] = []
  await load(
    [
      ['a.json', crashLoop()],
      ['b.json', '{'],
    ],
    { onProgress: (done, total) => void told.push([done, total]) },
  )
  assert.deepEqual(told, [
    [1, 2],
    [2, 2],
  ])
})
