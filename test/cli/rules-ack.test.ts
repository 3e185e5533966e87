import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { run } from '../../src/cli/program.ts'
import { createApp } from '../../src/app.ts'
import { readAcks } from '../../src/engine/acks.ts'
import { recorder } from '../support/console.ts'

const SHIPPED = join(import.meta.dirname, '../../rules/crash-loop.json')
const scratch = mkdtempSync(join(tmpdir(), 'dogwatch-ack-'))
after(() => rmSync(scratch, { recursive: true }))

const services = createApp({
  env: {},
  stdin: ReadableStream.from([]),
  now: () => 0,
  stop: new AbortController().signal,
})

async function ack(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  const console = recorder()
  const code = await run(['rules', 'ack', ...args], { services, io: console.io, called: 'dogwatch' })
  return { code, out: console.out(), error: console.error() }
}

/** A directory with one rule of the user's, and its version. */
async function directory(): Promise<{ path: string; version: string; acks: string; args: string[] }> {
  const path = mkdtempSync(join(scratch, 'rules-'))
  writeFileSync(join(path, 'mine.json'), readFileSync(SHIPPED, 'utf8').replace('"crash-loop"', '"mine"'))
  const { rules } = await services.rules([path])
  const version = rules.find(({ id }) => id === 'mine')?.version ?? assert.fail('no rule')
  const args = [`mine@${version.slice(0, 19)}`, '--reason', 'it is meant to', '--rules', path]
  return { path, version, acks: join(path, 'acks.json'), args }
}

const entries = (file: string) => {
  const read = readAcks({ file, text: readFileSync(file, 'utf8') })
  return 'acks' in read ? read.acks : assert.fail(JSON.stringify(read))
}

test('an acknowledgement is written beside the rule, where the loader reads it and takes it for no rule', async () => {
  const { path, version, acks, args } = await directory()
  assert.deepEqual(await ack(...args, '--by', 'alex'), { code: 0, out: '', error: `acknowledged in ${acks}\n` })
  const [one, ...rest] = entries(acks)
  assert.deepEqual({ ...one, at: '' }, { rule: 'mine', version, reason: 'it is meant to', by: 'alex', at: '' })
  assert.match(one?.at ?? '', /^20\d\d-\d\d-\d\dT/)
  assert.deepEqual(rest, [])
  assert.equal(statSync(acks).mode & 0o044, 0o044, 'the daemon may run as somebody else')
  const { rules, problems } = await services.check([path])
  assert.deepEqual([rules.map(({ id }) => id), problems], [['mine'], []])
  assert.deepEqual(readdirSync(path).toSorted(), ['acks.json', 'mine.json'])
})

test('a second time it is there already, and what others wrote stays', async () => {
  const { version, acks, args } = await directory()
  const other = { rule: 'other', version: `sha256:${'0'.repeat(64)}`, reason: 'theirs' }
  writeFileSync(acks, JSON.stringify([other]))
  chmodSync(acks, 0o640)
  assert.match((await ack(...args)).error, /^acknowledged/)
  assert.deepEqual(await ack(...args), { code: 0, out: '', error: `already acknowledged in ${acks}\n` })
  assert.deepEqual(
    entries(acks).map(({ rule, version: of }) => [rule, of]),
    [
      ['other', other.version],
      ['mine', version],
    ],
  )
  assert.equal(statSync(acks).mode & 0o777, 0o640)
})

test('in a mounted ConfigMap the entry to add is printed, and nothing is written', async () => {
  const { path, version, args } = await directory()
  mkdirSync(join(path, '..1'))
  symlinkSync('..1', join(path, '..data'))
  const { code, out, error } = await ack(...args)
  assert.equal(code, 0)
  assert.match(error, /^add this entry to the list in .*acks\.json, which cannot be written here\n$/)
  assert.deepEqual(
    { ...(JSON.parse(out) as object), at: '' },
    { rule: 'mine', version, reason: 'it is meant to', at: '' },
  )
  assert.ok(!readdirSync(path).includes('acks.json'))
})

test('without the directory a whole version is enough for the entry', async () => {
  const version = `sha256:${'ab'.repeat(32)}`
  const { out, error } = await ack(`mine@${version}`, '--reason', 'so')
  assert.equal((JSON.parse(out) as { version: string }).version, version)
  assert.equal(error, 'add this entry to the list in acks.json beside the rule\n')
})

test('a link to the file stays a link', async () => {
  const { path, acks, args } = await directory()
  writeFileSync(join(path, 'shared'), '[]')
  symlinkSync('shared', acks)
  await ack(...args)
  assert.equal(entries(join(path, 'shared')).length, 1)
})

const REFUSED: [why: string, args: readonly string[], says: RegExp][] = [
  ['no version', ['mine', '--reason', 'x'], /mine names no version\na rule and its version are written ID@sha256:/],
  ['too little of a version', ['mine@sha256:12ab', '--reason', 'x'], /at least 8 digits/],
  ['no digits', ['mine@latest12345', '--reason', 'x'], /at least 8 digits/],
  [
    'a part of a version without the rule',
    ['mine@sha256:12345678', '--reason', 'x'],
    /no rule is called mine\n--rules DIR says where/,
  ],
  ['a shipped rule', ['crash-loop@sha256:12345678', '--reason', 'x'], /ships with dogwatch: it is never held/],
  ['no reason', ['mine@sha256:12345678'], /required option '--reason/],
  ['an empty reason', [`mine@sha256:${'0'.repeat(64)}`, '--reason', '  '], /./],
  ['a reason that fills pages', [`mine@sha256:${'0'.repeat(64)}`, '--reason', 'x'.repeat(501)], /./],
]
for (const [why, args, says] of REFUSED)
  test(`refused: ${why}`, async () => {
    const { code, out, error } = await ack(...args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(error, says)
  })

test('refused: another version than the rule has now', async () => {
  const { path, version, acks } = await directory()
  const { code, error } = await ack('mine@sha256:00000000', '--reason', 'x', '--rules', path)
  assert.equal(code, 2)
  assert.match(error, new RegExp(`mine is now another version: ${version}\nlook at what that one matches first`))
  assert.throws(() => statSync(acks))
})

test('refused: a file of acknowledgements with a fault is left as it is, and the place is named', async () => {
  const { acks, args } = await directory()
  const bad = '[\n  { "rule": "mine", "version": "latest", "reason": "x" }\n]\n'
  writeFileSync(acks, bad)
  const { code, error } = await ack(...args)
  assert.equal(code, 2)
  assert.match(error, /acks\.json:2:\d+: not a whole version/)
  assert.match(error, /acks\.json is left as it is\n$/)
  assert.equal(readFileSync(acks, 'utf8'), bad)
})
