import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { run } from '../../src/cli/program.ts'
import type { ScanRequest, ScanResult, Services } from '../../src/cli/services.ts'
import type { FindingView } from '../../src/sinks/envelope.ts'
import { recorder } from '../support/console.ts'
import { BROKEN_SHOP, envelopeOf, fakeServices, finding, usageError } from '../support/envelopes.ts'

const CALLED = '/usr/bin/dogwatch'

async function dogwatch(argv: readonly string[], services: Services = fakeServices(), called = CALLED) {
  const { io, out, error } = recorder()
  const code = await run(argv, { services, io, called })
  return { code, out: out(), error: error() }
}

const scanned = (result: Partial<ScanResult>): Services =>
  fakeServices({
    scan: () =>
      Promise.resolve({
        envelope: envelopeOf([]),
        looked: { objects: 1, kinds: 1 },
        problems: [],
        hints: [],
        ...result,
      }),
  })

test('the version is that of the package', async () => {
  for (const flag of ['--version', '-V'])
    assert.deepEqual(await dogwatch([flag]), { code: 0, out: '1.2.3\n', error: '' })
})

const COMMANDS = [
  ['scan'],
  ['explain'],
  ['snapshot'],
  ['run'],
  ['watch'],
  ['status'],
  ['findings'],
  ['recommendations'],
  ['record'],
  ['replay'],
  ['rules'],
  ['rules', 'list'],
  ['rules', 'show'],
  ['rules', 'check'],
  ['rules', 'schema'],
  ['demo'],
]

for (const command of COMMANDS)
  test(`${command.join(' ')} --help is about it`, async () => {
    for (const argv of [
      [...command, '--help'],
      [...command, '-h'],
    ]) {
      const { code, out, error } = await dogwatch(argv)
      assert.equal(code, 0)
      assert.equal(error, '')
      assert.match(out, new RegExp(`^Usage: dogwatch ${command.join(' ')}`))
    }
  })

test('a command has examples in its help', async () => {
  for (const command of COMMANDS.filter((path) => path.length === 1))
    assert.match((await dogwatch([...command, '--help'])).out, /\nExamples:\n {2}# \w.*\n {2}dogwatch \w/)
})

test('called as a plugin of kubectl, the help says so', async () => {
  for (const called of ['/usr/local/bin/kubectl-dogwatch', '/home/me/.krew/bin/kubectl-dogwatch', 'kubectl_dogwatch']) {
    const { out } = await dogwatch(['scan', '--help'], fakeServices(), called)
    assert.match(out, /^Usage: kubectl dogwatch scan/)
    assert.match(out, / {2}kubectl dogwatch scan -n shop/)
  }
})

test('the line that explains a finding is the one to be typed', async () => {
  const lines: [called: string, argv: string[], line: RegExp][] = [
    ['/usr/bin/dogwatch', [], /more {6}dogwatch explain crash-loop-7f3k2q9d\n/],
    ['/x/kubectl-dogwatch', ['-n', 'shop'], /kubectl dogwatch explain crash-loop-7f3k2q9d -n shop\n/],
    ['/x/src/main.ts', [], /npm run --silent dogwatch -- explain crash-loop-7f3k2q9d\n/],
    ['/x/node_modules/.bin/dogwatch', [], /npx dogwatch explain crash-loop-7f3k2q9d\n/],
    ['/usr/bin/dogwatch', ['-f', "it's here.json"], /explain crash-loop-7f3k2q9d -f 'it'\\''s here.json'\n/],
  ]
  for (const [called, argv, line] of lines) {
    const services = scanned({ envelope: envelopeOf([finding()]) })
    const { out } = await dogwatch(['scan', ...argv], services, called)
    assert.match(out, line)
  }
})

const REFUSED: [argv: string[], message: RegExp][] = [
  [[], /^Usage: dogwatch/],
  [['rules'], /^Usage: dogwatch rules/],
  [['scn'], /unknown command 'scn' \(Did you mean scan\?\)\n`dogwatch --help`/],
  [['rules', 'shw'], /unknown command 'shw' \(Did you mean show\?\)\n`dogwatch rules --help`/],
  [['scan', '--contxt', 'x'], /unknown option '--contxt' \(Did you mean --context\?\)\n`dogwatch scan --help`/],
  [['scan', '-o', 'jsn'], /'jsn': it is one of table, wide, json, yaml, markdown; did you mean "json"\?/],
  [['scan', '--fail-on', 'hgh'], /did you mean "high"\?/],
  [['scan', 'shop'], /too many arguments for 'scan'/],
  [['scan', '-f', 'x', '--context', 'y'], /-f looks at a dump and --context at a cluster/],
  [['scan', '-f', 'x', '--kubeconfig', 'y'], /-f looks at a dump and --kubeconfig at a cluster/],
  [['scan', '-n', 'x', '-A'], /-n and -A contradict each other/],
  [['scan', '--complete'], /--complete is about a dump/],
  [['scan', '--at', '2026-11-21T10:00:00Z'], /--at is about a dump/],
  [['scan', '-f', 'x', '--at', 'yesterday'], /a time such as 2026-11-21T10:00:00Z/],
  [['scan', '-f', 'x', '--at', '2026-11-21'], /a time such as/],
  [['scan', '-f', 'x', '--at', '2026-99-21T10:00:00Z'], /a time such as/],
  [['scan', '-f', '-', '-f', '-'], /one standard input/],
  [['scan', '-f', ''], /it is empty/],
  [['scan', '-n', 'a,b'], /-n once for each/],
  [['scan', '-n', 'A_b'], /"A_b" is no name of a namespace/],
  [['scan', '-l', 'a=b=c'], /a comma is expected/],
  [['scan', '-f'], /argument missing/],
  [['explain'], /missing required argument 'finding'/],
  [['explain', 'nothing-like-it'], /no finding is called nothing-like-it\n/],
  [['explain', 'crash-lop'], /near it: crash-loop-7f3k2q9d/],
  [['explain', 'crash-loop-00000000'], /near it: crash-loop-7f3k2q9d/],
  [['explain', 'no-requests'], /2 findings begin with no-requests\none of: no-requests-aaaa1111, no-requests-bbbb2222/],
  [['explain', 'pod/nowhere'], /no finding is about pod\/nowhere\n/],
  [['snapshot', '-', '--force'], /--force is about a file/],
  [['snapshot', '/nowhere/at/all/dump.json'], /its directory does not exist/],
  [['status', '--server', 'nowhere'], /an address such as https:\/\/127\.0\.0\.1:8686 is expected/],
  [['status', '--server', 'ftp://x'], /an address such as/],
  [['status', '--server', 'http://me:secret@x'], /no user and no password go in it/],
  [['status', '--server', 'http://x/?a=b'], /it ends before any \? or #/],
  [['status', '--token', 'x'], /unknown option '--token'/],
  [['findings', '--severity', 'hgh'], /did you mean "high"\?/],
  [['findings', '--state', 'fire'], /it is one of firing, pending/],
  [['findings', '-n', 'A_b'], /is no name of a namespace/],
  [['recommendations', '-o', 'wide'], /it is one of table, json, yaml, name/],
  [['record'], /missing required argument 'directory'/],
  [['replay'], /missing required argument 'directory'/],
  [['rules', 'check'], /missing required argument 'path'/],
]

for (const [argv, message] of REFUSED)
  test(`dogwatch ${argv.join(' ')} is refused, with a way out`, async () => {
    const { code, out, error } = await dogwatch(argv)
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.match(error, message)
    if (!error.startsWith('Usage')) assert.ok(error.trimEnd().split('\n').length <= 2, error)
  })

test('what the program throws is one line, and no stack', async () => {
  const thrown: [error: Error, code: number, said: string][] = [
    [usageError('x.json:3:1: unknown key "levl"'), 2, 'dogwatch: x.json:3:1: unknown key "levl"\n'],
    [new Error('127.0.0.1:6443 refuses connections'), 1, 'dogwatch: 127.0.0.1:6443 refuses connections\n'],
    [new Error(''), 1, 'dogwatch: it failed without saying why\n'],
    [new Error('a\u001B[2Jb\u202Ec'), 1, 'dogwatch: a [2Jb c\n'],
  ]
  for (const [error, code, said] of thrown) {
    const services = fakeServices({ scan: () => Promise.reject(error) })
    assert.deepEqual(await dogwatch(['scan'], services), { code, out: '', error: said })
  }
})

test('many mistakes in one file are all said, up to a screenful', async () => {
  const lines = Array.from({ length: 40 }, (_, at) => `c.json:${at}:1: wrong`)
  const services = fakeServices({ scan: () => Promise.reject(usageError(lines.join('\n'))) })
  const said = (await dogwatch(['scan'], services)).error.trimEnd().split('\n')
  assert.deepEqual(said, [`dogwatch: ${lines[0]}`, ...lines.slice(1, 20), 'and 20 more'])
})

test('no argument reaches the error output raw', async () => {
  const hostile = fc.string({
    unit: fc.constantFrom('\u001B[31m', '\n', '\r', '\u202E', '\u009B', '\u2028', 'a', '-', '=', '/'),
  })
  const forms = fc.constantFrom<(text: string) => string[]>(
    (text) => [text],
    (text) => ['scan', `--${text}`],
    (text) => ['scan', text],
    (text) => ['scan', '-o', text],
    (text) => ['scan', '-l', text],
    (text) => ['scan', '-n', text],
    (text) => ['explain', text],
    (text) => ['rules', 'show', text],
    (text) => ['snapshot', `/nowhere/${text}/x`],
  )
  const services = fakeServices({ rules: () => Promise.resolve({ rules: [], problems: [] }) })
  await fc.assert(
    fc.asyncProperty(forms, hostile, async (form, text) => {
      const { error } = await dogwatch(form(text), services)
      assert.doesNotMatch(error.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      assert.ok(error.length < 2000)
    }),
  )
})

const problem = {
  file: 'rules/x.json',
  line: 3,
  column: 7,
  message: 'unknown fact "restrats"; did you mean "restarts"?',
}
const refused = { resource: 'events', reason: 'forbidden', detail: 'no' } as const
const pending = finding({ state: 'pending', severity: 'high' })
const hidden = (state: FindingView['state']) => finding({ state })

const EXITS: [name: string, argv: string[], result: Partial<ScanResult>, code: number][] = [
  ['nothing found', [], {}, 0],
  ['findings alone', [], { envelope: envelopeOf([finding()]) }, 0],
  ['a firing finding above the limit', ['--fail-on', 'high'], { envelope: envelopeOf([finding()]) }, 3],
  ['a pending finding at the limit', ['--fail-on', 'high'], { envelope: envelopeOf([pending]) }, 3],
  ['a finding below the limit', ['--fail-on', 'critical'], { envelope: envelopeOf([pending]) }, 0],
  ['an inhibited one', ['--fail-on', 'info'], { envelope: envelopeOf([hidden('inhibited')]) }, 0],
  ['a suppressed one', ['--fail-on', 'info'], { envelope: envelopeOf([hidden('suppressed')]) }, 0],
  ['a resolved one', ['--fail-on', 'info'], { envelope: envelopeOf([hidden('resolved')]) }, 0],
  ['a kind that was refused', [], { envelope: envelopeOf([], { complete: false, incomplete: [refused] }) }, 4],
  ['a rule file left out', [], { problems: [problem] }, 4],
  [
    'findings and a rule file left out',
    ['--fail-on', 'low'],
    { envelope: envelopeOf([finding()]), problems: [problem] },
    3,
  ],
  ['unknowns alone', [], { envelope: { ...BROKEN_SHOP, complete: true, incomplete: [], items: [] } }, 0],
]

for (const [name, argv, result, code] of EXITS)
  test(`scan ends with ${code}: ${name}`, async () => {
    for (const output of ['table', 'json'])
      assert.equal((await dogwatch(['scan', '-o', output, ...argv], scanned(result))).code, code)
  })

test('problems and hints are on the error output, the result alone on the other', async () => {
  const services = scanned({ problems: [problem], hints: ['say --complete when everything is in the dump'] })
  const { out, error } = await dogwatch(['scan', '-o', 'json'], services)
  assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(envelopeOf([]))))
  assert.equal(
    error,
    'rules/x.json:3:7: unknown fact "restrats"; did you mean "restarts"?\n1 rule file left out; everything else goes on.\nhint: say --complete when everything is in the dump\n',
  )
})

test('options reach the program as they were meant', async () => {
  const asked: ScanRequest[] = []
  const services = fakeServices({
    scan: (request) => {
      asked.push(request)
      return Promise.resolve({ envelope: envelopeOf([]), looked: { objects: 0, kinds: 0 }, problems: [], hints: [] })
    },
  })
  await dogwatch(['scan'], services)
  await dogwatch(
    'scan -f a.json -f dir --complete -n shop -n data -l app=cart --cluster prod --config c.json --rules r1 --rules r2 --at 2026-11-21T10:00:00+01:00'.split(
      ' ',
    ),
    services,
  )
  await dogwatch(['scan', '-A', '--kubeconfig', 'k', '--context', 'c'], services)
  const nothing = { selector: undefined, cluster: undefined, config: undefined, rules: [], at: undefined }
  const live = { files: [], complete: false, kubeconfig: undefined, context: undefined, namespaces: undefined }
  assert.deepEqual(asked, [
    { ...nothing, source: live },
    {
      source: { ...live, files: ['a.json', 'dir'], complete: true, namespaces: ['shop', 'data'] },
      selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['cart'] }] },
      cluster: 'prod',
      config: 'c.json',
      rules: ['r1', 'r2'],
      at: Date.parse('2026-11-21T09:00:00Z'),
    },
    { ...nothing, source: { ...live, kubeconfig: 'k', context: 'c' } },
  ])
})
