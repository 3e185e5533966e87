import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run } from '../../src/cli/program.ts'
import { showProgress } from '../../src/cli/progress.ts'
import { cliReference } from '../../src/cli/reference.ts'
import { select } from '../../src/cli/select.ts'
import type { RulesResult, Services } from '../../src/cli/services.ts'
import { recorder, type Recorder } from '../support/console.ts'
import { BROKEN_SHOP, fakeServices } from '../support/envelopes.ts'

const SCRATCH = mkdtempSync(join(tmpdir(), 'dogwatch-cli-'))
after(() => rmSync(SCRATCH, { recursive: true }))

async function dogwatch(argv: readonly string[], services: Services, console: Recorder = recorder()) {
  const code = await run(argv, { services, io: console.io, called: 'dogwatch' })
  return { code, out: console.out(), error: console.error() }
}

// ── snapshot

const looking = (incomplete: readonly { resource: string; reason: 'forbidden'; detail: string }[] = []): Services =>
  fakeServices({ snapshot: () => Promise.resolve({ text: '{"kind":"List"}\n', objects: 3, incomplete }) })

test('a snapshot is written whole, for its owner alone, and nothing else is left behind', async () => {
  const file = join(SCRATCH, 'whole', 'dump.json')
  await dogwatch(['snapshot', file], looking()).then(({ code }) => assert.equal(code, 2))
  const here = mkdtempSync(join(SCRATCH, 'here-'))
  const { code, out, error } = await dogwatch(['snapshot', join(here, 'dump.json')], looking())
  assert.deepEqual({ code, out, error }, { code: 0, out: '', error: `wrote 3 objects to ${join(here, 'dump.json')}\n` })
  assert.deepEqual(readdirSync(here), ['dump.json'])
  assert.equal(readFileSync(join(here, 'dump.json'), 'utf8'), '{"kind":"List"}\n')
  assert.equal(statSync(join(here, 'dump.json')).mode & 0o777, 0o600)
})

test('a snapshot replaces a file only when told to', async () => {
  const file = join(SCRATCH, 'there.json')
  writeFileSync(file, 'mine')
  const refused = await dogwatch(['snapshot', file], looking())
  assert.equal(refused.code, 2)
  assert.match(refused.error, /is there already\ngive another name, or --force to replace it\n$/)
  assert.equal(readFileSync(file, 'utf8'), 'mine')
  assert.equal((await dogwatch(['snapshot', file, '--force'], looking())).code, 0)
  assert.equal(readFileSync(file, 'utf8'), '{"kind":"List"}\n')
})

test('a file that comes while the cluster is read is not replaced', async () => {
  const file = join(SCRATCH, 'late.json')
  const services = fakeServices({
    snapshot: () => {
      writeFileSync(file, 'mine')
      return Promise.resolve({ text: '{}', objects: 0, incomplete: [] })
    },
  })
  assert.equal((await dogwatch(['snapshot', file], services)).code, 2)
  assert.equal(readFileSync(file, 'utf8'), 'mine')
})

test('a snapshot says what was left out, and is then incomplete', async () => {
  const incomplete = [{ resource: 'nodes', reason: 'forbidden', detail: 'nodes is forbidden' }] as const
  const { code, out, error } = await dogwatch(['snapshot', '-'], looking(incomplete))
  assert.equal(code, 4)
  assert.equal(out, '{"kind":"List"}\n')
  assert.equal(error, 'wrote 3 objects\nleft out: nodes: no permission (nodes is forbidden)\n')
})

test('a snapshot that cannot be written is a failure, with the reason', async () => {
  const { code, error } = await dogwatch(['snapshot', SCRATCH, '--force'], looking())
  assert.equal(code, 1)
  assert.match(error, /it is a directory/)
})

// ── explain

const chosen = (wanted: string): string[] => select(BROKEN_SHOP, wanted).map(({ id }) => id)

test('a finding is chosen by its id, the beginning of it, or what it is about', () => {
  assert.deepEqual(chosen('crash-loop-7f3k2q9d'), ['crash-loop-7f3k2q9d'])
  assert.deepEqual(chosen('crash'), ['crash-loop-7f3k2q9d'])
  assert.deepEqual(chosen('no-requests-a'), ['no-requests-aaaa1111'])
  for (const wanted of ['node/worker-3', 'nodes/worker-3', 'no/worker-3', 'Node/worker-3'])
    assert.deepEqual(chosen(wanted), ['node-unhealthy-9zz21abc'])
  assert.deepEqual(chosen('deploy/cart'), ['crash-loop-7f3k2q9d', 'no-requests-aaaa1111'])
  assert.deepEqual(chosen('deployment/shop/cart'), ['crash-loop-7f3k2q9d', 'no-requests-aaaa1111'])
  assert.deepEqual(chosen('pvc/uploads'), ['claim-pending-2aa94fxz'])
  assert.ok(chosen('pod/cart-6d4f-x2x4z').includes('crash-loop-7f3k2q9d'))
})

test('an object that has nothing but explained findings shows these', () =>
  assert.deepEqual(chosen('svc/cart'), ['service-no-endpoints-5e6f7a8b']))

test('explain -o json gives the finding, what it explains and its page', async () => {
  const services = fakeServices({ runbook: () => Promise.resolve('# page') })
  const { code, out } = await dogwatch(['explain', 'crash-loop', '-o', 'json'], services)
  const [explained] = JSON.parse(out) as Record<string, unknown>[]
  assert.equal(explained?.['id'], 'crash-loop-7f3k2q9d')
  assert.deepEqual(explained?.['explains'], ['not-ready-1b2c3d4e', 'service-no-endpoints-5e6f7a8b'])
  assert.equal(explained?.['runbookText'], '# page')
  assert.equal(code, 4)
})

// ── rules

const RESULT: RulesResult = {
  rules: [
    {
      id: 'mine',
      version: 'sha256:1',
      file: 'mine.json',
      shipped: false,
      subjects: ['pod'],
      severity: 'low',
      category: 'health',
      recommend: [],
      inhibits: [],
      runbook: 'https://wiki/mine',
      source: '{}',
    },
  ],
  problems: [{ file: 'bad\u001B[31m.json', line: 2, column: 5, message: 'unknown key "levl"; did you mean "level"?' }],
}
const SAID = 'bad [31m.json:2:5: unknown key "levl"; did you mean "level"?\n'

test('rules check speaks like a compiler and ends with 2 for a bad file, 0 for good ones', async () => {
  const bad = await dogwatch(['rules', 'check', 'a', 'b'], fakeServices({ check: () => Promise.resolve(RESULT) }))
  assert.deepEqual(bad, { code: 2, out: `${SAID}1 rule ready, 1 problem\n`, error: '' })
  const good = await dogwatch(
    ['rules', 'check', 'a'],
    fakeServices({ check: () => Promise.resolve({ ...RESULT, problems: [] }) }),
  )
  assert.deepEqual(good, { code: 0, out: '1 rule ready\n', error: '' })
})

test('rules check -o json is for tools', async () => {
  const services = fakeServices({ check: () => Promise.resolve(RESULT) })
  const { code, out } = await dogwatch(['rules', 'check', 'a', '-o', 'json'], services)
  assert.equal(code, 2)
  const { source: _, ...rule } = RESULT.rules[0]!
  assert.deepEqual(JSON.parse(out), { rules: [rule], problems: RESULT.problems })
})

test('a bad file among the rules does not take the others down', async () => {
  const services = fakeServices({ rules: () => Promise.resolve(RESULT) })
  for (const argv of [
    ['rules', 'list', '--rules', 'x'],
    ['rules', 'show', 'mine', '--rules', 'x'],
    ['rules', 'list', '-o', 'json'],
  ]) {
    const { code, out, error } = await dogwatch(argv, services)
    assert.equal(code, 4)
    assert.match(out, /mine/)
    assert.ok(error.startsWith(SAID))
  }
})

test('a rule that is not there is refused with the nearest', async () => {
  const services = fakeServices({ rules: () => Promise.resolve({ ...RESULT, problems: [] }) })
  const { code, error } = await dogwatch(['rules', 'show', 'mime'], services)
  assert.deepEqual({ code, error }, { code: 2, error: 'dogwatch: no rule is called mime\ndid you mean mine?\n' })
})

test('rules schema prints the schema that is asked for', async () => {
  const services = fakeServices({ schema: (of) => Promise.resolve({ title: of }) })
  assert.equal((await dogwatch(['rules', 'schema'], services)).out, '{\n  "title": "rule"\n}\n')
  assert.equal((await dogwatch(['rules', 'schema', '--config'], services)).out, '{\n  "title": "config"\n}\n')
})

// ── progress

test('progress is shown on a terminal once a look lasts, and taken away again', () => {
  let now = 0
  const { io, error } = recorder({ error: true, columns: 30 })
  const { progress, end } = showProgress(io, () => now)
  const at = (ms: number, doing: string): void => {
    now = ms
    progress({ doing, done: 3, total: 30 })
  }
  at(0, 'early')
  at(900, 'early')
  assert.equal(error(), '')
  at(1100, 'reading pods')
  at(1150, 'too soon')
  at(1300, 'reading \u001B[31m a very long name of something')
  end()
  assert.equal(error(), '\r\u001B[2Kreading pods 3 of 30\r\u001B[2Kreading [31m a very long nam…\r\u001B[2K')
})

test('progress is silent where nobody looks, and where it is quick', () => {
  const silent = recorder()
  const quick = recorder({ error: true })
  for (const { io, error } of [silent, quick]) {
    const { progress, end } = showProgress(io, () => 0)
    progress({ doing: 'reading pods', done: 1, total: 2 })
    end()
    assert.equal(error(), '')
  }
})

// ── the reference page

test('the page on the command line has every command and every option of it', () => {
  const page = cliReference()
  for (const command of [
    'scan',
    'explain',
    'snapshot',
    'rules',
    'rules list',
    'rules show',
    'rules check',
    'rules schema',
    'run',
    'watch',
    'status',
    'findings',
    'recommendations',
    'record',
    'replay',
    'demo',
  ])
    assert.ok(page.includes(`## dogwatch ${command}\n`), command)
  for (const option of ['--filename', '--fail-on', '--selector', '--force', '--once', '--config', '--complete'])
    assert.ok(page.includes(option), option)
})
