import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { loadRules } from '../../src/engine/loader.ts'
import { RuleShelf, type Shelved, type ShelfFile } from '../../src/engine/reload.ts'
import { FACTS, VIEW, VOCABULARY, container, crashLoop, known } from './facts.ts'

type Content = object | string | { readonly fault: string }
type Files = Readonly<Record<string, Content>>

const fileOf = ([file, content]: [string, Content]): ShelfFile =>
  typeof content === 'object' && 'fault' in content && typeof content.fault === 'string'
    ? { file, fault: content.fault }
    : { file, text: typeof content === 'string' ? content : JSON.stringify(content) }
const filesOf = (files: Files): ShelfFile[] => Object.entries(files).map(fileOf)

const rule = (id: string, more: object = {}): object => ({ ...crashLoop(), id, ...more })
const inhibiting = (id: string, ...others: string[]): object =>
  rule(id, { inhibits: others.map((other) => ({ rule: other, via: 'same-target' })) })

/** `id severity` of each rule in force; severities tell versions of a rule apart. */
const inForce = ({ rules }: Shelved): string[] => rules.map((one) => `${one.rule.id} ${one.rule.severity}`)
const problems = (set: Shelved): string[] =>
  set.problems.map(({ file, message, kept }) => `${file}${kept ? ' (kept)' : ''}: ${message}`)
const changes = ({ added, changed, removed }: Shelved): object => ({ added, changed, removed })

async function after(...versions: readonly Files[]): Promise<Shelved> {
  const shelf = new RuleShelf(VOCABULARY)
  let set = await shelf.load([])
  for (const files of versions) set = await shelf.load(filesOf(files))
  return set
}

const A = rule('a')
const B = rule('b')

test('files come, change and go, each with its rule; nothing else is touched', async () => {
  const shelf = new RuleShelf(VOCABULARY)
  const first = await shelf.load(filesOf({ 'a.json': A, 'b.json': B }))
  assert.deepEqual(changes(first), { added: ['a', 'b'], changed: [], removed: [] })
  const second = await shelf.load(
    filesOf({ 'a.json': A, 'b.json': rule('b', { severity: 'low' }), 'c.json': rule('c') }),
  )
  assert.deepEqual(changes(second), { added: ['c'], changed: ['b'], removed: [] })
  assert.deepEqual(inForce(second), ['a critical', 'b low', 'c critical'])
  assert.equal(second.rules[0], first.rules[0], 'the same object: what is known of it lives on')
  assert.notEqual(second.rules[1], first.rules[1])
  assert.notEqual(second.version, first.version)
  const third = await shelf.load(filesOf({ 'c.json': rule('c') }))
  assert.deepEqual([inForce(third), changes(third)], [['c critical'], { added: [], changed: [], removed: ['a', 'b'] }])
  assert.equal(third.rules[0], second.rules[2])
  assert.deepEqual(third.problems, [])
})

test('a file that is written otherwise and says the same is no change', async () => {
  const shelf = new RuleShelf(VOCABULARY)
  const first = await shelf.load(filesOf({ 'a.json': A }))
  const second = await shelf.load(filesOf({ 'a.json': JSON.stringify(A, null, 4) }))
  assert.equal(second.rules[0], first.rules[0])
  assert.deepEqual([second.version, changes(second)], [first.version, { added: [], changed: [], removed: [] }])
})

test('a rule says of a subject what the loader makes of it, and overrides apply', async () => {
  const options = { overrides: [{ rule: 'a', severity: 'info' as const }] }
  const set = await new RuleShelf(VOCABULARY, options).load(filesOf({ 'a.json': A }))
  const subject = container({ 'restartsIn(window=900000)': known(4) })
  const evaluation = set.rules[0]?.evaluate(subject, VIEW)
  assert.equal(evaluation?.truth === 'true' && evaluation.severity, 'info')
})

test('an override of a rule that is not there is an issue until the rule comes', async () => {
  const shelf = new RuleShelf(VOCABULARY, { overrides: [{ rule: 'b', severity: 'info' }] })
  assert.equal((await shelf.load(filesOf({ 'a.json': A }))).overrideIssues.length, 1)
  const set = await shelf.load(filesOf({ 'a.json': A, 'b.json': B }))
  assert.deepEqual(set.overrideIssues, [])
  const evaluation = set.rules[1]?.evaluate(container({ 'restartsIn(window=900000)': known(4) }), VIEW)
  assert.equal(evaluation?.truth === 'true' && evaluation.severity, 'info')
})

const leaf = (more: object) => ({ all: [{ fact: 'restartCount', operator: 'equal', value: 1, ...more }] })
const CORPUS: [fault: string, content: Content, says: RegExp][] = [
  ['a path', rule('a', { conditions: leaf({ path: '$..constructor' }) }), /unknown key "path"/],
  ['a misspelt fact', rule('a', { conditions: leaf({ fact: 'restartCont' }) }), /did you mean "restartCount"/],
  ['a misspelt key', rule('a', { severty: 'low' }), /unknown key "severty"/],
  ['an empty selector', rule('a', { scope: { labels: {} } }), /an empty selector selects nothing/],
  ['an empty scope', rule('a', { scope: {} }), /an empty scope selects nothing/],
  ['nothing asked: it would match all', rule('a', { conditions: { all: [] } }), /./],
  ['examples that it does not do', rule('a', { conditions: leaf({}) }), /example/],
  ['a circle with itself', inhibiting('a', 'a'), /inhibits in a circle: a → a/],
  ['an inhibition of nobody', inhibiting('a', 'nobody'), /unknown rule "nobody"/],
  ['the id of another', rule('b'), /the id "b" is already that of b\.json/],
  [
    'a regular expression',
    rule('a', { conditions: leaf({ operator: 'matches', value: '(a+)+$' }) }),
    /unknown "matches"|matches/,
  ],
  ['code in a text', rule('a', { title: "{constructor.constructor('return 1')()}" }), /is no placeholder/],
  [
    '__proto__',
    JSON.stringify(A).replace('{', '{"__proto__":{"severity":"low"},'),
    /the key "__proto__" is not allowed/,
  ],
  ['a key twice', JSON.stringify(A).replace('{', '{"id":"a",'), /this key is there twice/],
  ['a huge string', rule('a', { title: 'x'.repeat(5_000) }), /a string of 5000 characters/],
  ['a huge file', `${JSON.stringify(A)}${' '.repeat(2 ** 20)}`, /larger than 1 MiB/],
  ['10,000 rules in one file', Array.from({ length: 10_000 }, (_, i) => i), /10000 entries; at most 1000 are read/],
  ['half of it written', JSON.stringify(A).slice(0, 300), /the text is cut off|no closing quote/],
  ['nothing written', '', /the file is empty/],
  ['only white space', ' \n ', /the file is empty/],
  ['nested too deep', '['.repeat(100_000), /nested more than 64 deep/],
  ['no rule', 'null', /./],
  ['no longer readable', { fault: 'no permission to read it' }, /^no permission to read it$/],
]

for (const [fault, content, says] of CORPUS) {
  test(`fault 54, a mounted file turns bad (${fault}): its last good rule stays, the others go live, and it is said`, async () => {
    const shelf = new RuleShelf(VOCABULARY)
    const first = await shelf.load(filesOf({ 'a.json': A, 'b.json': B }))
    const bad = await shelf.load(
      filesOf({ 'a.json': content, 'b.json': rule('b', { severity: 'low' }), 'c.json': rule('c') }),
    )
    assert.deepEqual(inForce(bad), ['a critical', 'b low', 'c critical'])
    assert.equal(bad.rules[0], first.rules[0])
    assert.ok(bad.problems.length > 0)
    for (const { file, kept, message, line, column } of bad.problems) {
      assert.deepEqual([file, kept], ['a.json', true])
      assert.match(message, says)
      assert.ok(line > 0 && column > 0)
    }
    assert.deepEqual(changes(bad), { added: ['c'], changed: ['b'], removed: [] })

    const mended = await shelf.load(filesOf({ 'a.json': rule('a', { severity: 'info' }), 'b.json': B }))
    assert.deepEqual([inForce(mended), mended.problems], [['a info', 'b critical'], []])
  })

  test(`fault 54, a new file is bad (${fault}): it is left out, the others stay`, async () => {
    const set = await after({ 'b.json': B }, { 'b.json': B, 'new.json': content })
    assert.deepEqual(inForce(set), ['b critical'])
    assert.ok(set.problems.length > 0)
    for (const { file, kept } of set.problems) assert.deepEqual([file, kept], ['new.json', false])
  })
}

test('a bad file that goes away takes its last good rule with it', async () => {
  const set = await after({ 'a.json': A }, { 'a.json': '{' }, {})
  assert.deepEqual([inForce(set), set.problems], [[], []])
})

test('a bad file stays bad for as long as it is, and its rule stays', async () => {
  const set = await after({ 'a.json': A }, { 'a.json': '{' }, { 'a.json': '{ ' }, { 'a.json': '{' })
  assert.deepEqual(inForce(set), ['a critical'])
  assert.match(problems(set).join(), /^a\.json \(kept\): /)
})

test('of two files of one id the one that came new is left out, whatever their order', async () => {
  const set = await after({ 'z.json': A }, { 'a.json': rule('a', { severity: 'low' }), 'z.json': A })
  assert.deepEqual(inForce(set), ['a critical'])
  assert.deepEqual(problems(set), ['a.json: the id "a" is already that of z.json'])
})

test('two files may swap their ids', async () => {
  const set = await after({ '1.json': A, '2.json': B }, { '1.json': B, '2.json': A })
  assert.deepEqual([inForce(set), set.problems], [['b critical', 'a critical'], []])
})

test('a swap of which one half is bad does not happen at all', async () => {
  const set = await after({ '1.json': A, '2.json': B }, { '1.json': B, '2.json': '{' })
  assert.deepEqual(inForce(set), ['a critical', 'b critical'])
  assert.deepEqual(
    set.problems.map(({ file, kept }) => [file, kept]),
    [
      ['2.json', true],
      ['1.json', true],
    ],
  )
})

test('a circle is the fault of what changed, though another file is the last', async () => {
  const before = { 'a.json': A, 'z.json': inhibiting('z', 'a') }
  const set = await after(before, { ...before, 'a.json': inhibiting('a', 'z') })
  assert.deepEqual(problems(set), ['a.json (kept): inhibits in a circle: a → z → a'])
  assert.deepEqual(
    set.rules.map((one) => [one.rule.id, one.rule.inhibits.length]),
    [
      ['a', 0],
      ['z', 1],
    ],
  )
})

test('a file that is gone: what names its rule goes on, and it is said that a start would refuse it', async () => {
  const set = await after({ 'a.json': A, 'b.json': inhibiting('b', 'a') }, { 'b.json': inhibiting('b', 'a') })
  assert.deepEqual(inForce(set), ['b critical'])
  assert.deepEqual(problems(set), ['b.json (kept): unknown rule "a"; did you mean "b"?'])
})

test('a rule that names another comes together with it', async () => {
  const set = await after({}, { 'a.json': inhibiting('a', 'b'), 'b.json': B })
  assert.deepEqual([inForce(set), set.problems], [['a critical', 'b critical'], []])
})

test('10,000 files: those in force stay, as many as there is room for come, and one line says so', async () => {
  const shelf = new RuleShelf(VOCABULARY)
  const { fires, quiet } = crashLoop().examples
  const small = (id: string) => rule(id, { examples: { fires, quiet, unknown: [] } })
  await shelf.load(filesOf({ 'z.json': small('z') }))
  let pauses = 0
  const many = Object.fromEntries(
    Array.from({ length: 9_999 }, (_, i) => [`r${i}.json`, i < 20 ? small(`r${i}`) : '{']),
  )
  const paused = new RuleShelf(VOCABULARY, { pause: async () => void pauses++ })
  const set = await paused.load(filesOf({ ...many, 'z.json': small('z') }))
  assert.equal(set.rules.length, 20, 'the first come when none is in force')
  assert.ok(pauses >= 1_000)
  const kept = await shelf.load(filesOf({ ...many, 'z.json': small('z') }))
  assert.equal(kept.rules.length, 21)
  assert.deepEqual(
    problems(kept)[0],
    'r999.json: at most 1000 rule files are read: this one and 8999 others are left out',
  )
})

test('a rule that failed while it ran is off until it changes, and no other with it', async () => {
  const facts = FACTS.map((fact) => (fact.name === 'image' ? { ...fact, read: () => assert.fail('no image') } : fact))
  const shelf = new RuleShelf({ ...VOCABULARY, facts })
  const asking = (value: string) => {
    const conditions = { all: [{ fact: 'image', operator: 'equal', value }] }
    const examples = { fires: [{ image: value }], quiet: [{ image: 'other' }], unknown: [{}] }
    return rule('failing', { conditions, examples, explain: 'so it is' })
  }
  const set = await shelf.load(filesOf({ 'a.json': A, 'f.json': asking('x') }))
  for (const one of set.rules) one.evaluate(container({}), VIEW)
  assert.deepEqual(
    set.disabled().map((one) => one.rule),
    ['failing'],
  )
  const same = await shelf.load(filesOf({ 'a.json': rule('a', { severity: 'low' }), 'f.json': asking('x') }))
  assert.deepEqual(
    same.disabled().map((one) => one.rule),
    ['failing'],
  )
  const changed = await shelf.load(filesOf({ 'a.json': A, 'f.json': asking('y') }))
  assert.deepEqual(changed.disabled(), [])
})

test('acknowledgements stand beside the rules: read, replaced, kept when their file turns bad, gone with it', async () => {
  const shelf = new RuleShelf(VOCABULARY)
  const ack = { rule: 'a', version: `sha256:${'0'.repeat(64)}`, reason: 'looked at it' }
  const first = await shelf.load(filesOf({ 'a.json': A, 'd/acks.json': [ack] }))
  assert.deepEqual([inForce(first), first.acks, first.problems], [['a critical'], [ack], []])
  const bad = await shelf.load(filesOf({ 'a.json': A, 'd/acks.json': [{ ...ack, reson: 'x' }] }))
  assert.deepEqual(bad.acks, [ack])
  assert.deepEqual(problems(bad), ['d/acks.json (kept): unknown key "reson"; did you mean "reason"?'])
  assert.deepEqual((await shelf.load(filesOf({ 'a.json': A, 'd/acks.json': { fault: 'gone bad' } }))).acks, [ack])
  const other = await shelf.load(filesOf({ 'a.json': A, 'd/acks.json': [] }))
  assert.deepEqual([other.acks, other.problems], [[], []])
  assert.notEqual(other.version, first.version)
  assert.deepEqual((await shelf.load(filesOf({ 'a.json': A }))).acks, [])
})

const contents = fc.constantFrom<Content | undefined>(
  undefined,
  ...['a', 'b', 'c'].flatMap((id) => [rule(id), rule(id, { severity: 'low' })]),
  inhibiting('a', 'b'),
  inhibiting('b', 'a'),
  inhibiting('c', 'a'),
  inhibiting('b', 'c'),
  inhibiting('c', 'nobody'),
  '{',
  { fault: 'no permission to read it' },
)
const versions = fc.array(fc.record({ 'a.json': contents, 'b.json': contents, 'c.json': contents }), {
  minLength: 1,
  maxLength: 8,
})

const present = (version: Readonly<Record<string, Content | undefined>>): Files =>
  Object.fromEntries(
    Object.entries(version).flatMap(([file, content]) => (content === undefined ? [] : [[file, content]])),
  )

interface Step {
  readonly set: Shelved
  /** Versions in force by file, before and after. */
  readonly before: ReadonlyMap<string, string>
  readonly now: ReadonlyMap<string, string>
}

/** The version of the rule in a file, where it is sound and everything it may name is there. */
async function alone(file: ShelfFile): Promise<string | undefined> {
  if ('fault' in file) return undefined
  const claims = ['a', 'b', 'c'].map((id) => ({ file: `claims/${id}.json`, text: '{' }))
  return (await loadRules([file, ...claims], VOCABULARY)).rules[0]?.rule.version
}

/** Whether a file keeps what it said before; fails when what is in force of it is neither that nor what it says now. */
async function isKept(file: ShelfFile, { set, before, now }: Step): Promise<boolean> {
  const mine = now.get(file.file)
  const said = set.problems.filter((problem) => problem.file === file.file)
  for (const problem of said) assert.equal(problem.kept, mine !== undefined)
  if (mine !== undefined && mine === (await alone(file))) return false
  assert.ok(said.length > 0, `${file.file} is not as it says, and nobody says so`)
  if (mine !== undefined) assert.equal(mine, before.get(file.file))
  return mine !== undefined
}

test('CONFIG-ATOMIC, after any edits: in force is of each file what it says now or what was in force of it before; what is not new is said', async () => {
  let kept = 0
  const edited = async (edits: readonly Parameters<typeof present>[0][]): Promise<void> => {
    const shelf = new RuleShelf(VOCABULARY)
    let before: Step['before'] = new Map()
    for (const edit of edits) {
      const files = filesOf(present(edit))
      const set = await shelf.load(files)
      const now = new Map(set.rules.map((one) => [one.rule.file, one.rule.version]))
      assert.equal(new Set(set.rules.map((one) => one.rule.id)).size, now.size, 'no id twice')
      assert.deepEqual(
        [...now.keys()].filter((name) => files.every(({ file }) => file !== name)),
        [],
      )
      for (const file of files) kept += (await isKept(file, { set, before, now })) ? 1 : 0
      before = now
    }
  }
  await fc.assert(fc.asyncProperty(versions, edited), { numRuns: 60 })
  assert.ok(kept > 10, `${kept} files kept their last good rule`)
})

test('what the shelf takes at its first load is what the loader takes', async () => {
  await fc.assert(
    fc.asyncProperty(versions, async ([first]) => {
      const files = filesOf(present(first ?? {})).filter((file) => 'text' in file)
      const [shelved, loaded] = [await new RuleShelf(VOCABULARY).load(files), await loadRules(files, VOCABULARY)]
      assert.deepEqual(
        shelved.rules.map((one) => one.rule),
        loaded.rules.map((one) => one.rule),
      )
    }),
    { numRuns: 60 },
  )
})

test('others get their turn between any two steps of reading a rule, and the answer is the same', async () => {
  let pauses = 0
  const pause = async () => void pauses++
  const files = filesOf({ 'a.json': A, 'b.json': rule('b', { examples: { fires: [{}], quiet: [{}], unknown: [] } }) })
  const paused = await new RuleShelf(VOCABULARY, { pause }).load(files)
  const whole = await new RuleShelf(VOCABULARY).load(files)
  const { fires, quiet, unknown } = crashLoop().examples
  assert.ok(pauses > Object.values({ fires, quiet, unknown }).flat().length, `${pauses} pauses`)
  assert.deepEqual(paused.problems, whole.problems)
  assert.deepEqual(inForce(paused), inForce(whole))
})
