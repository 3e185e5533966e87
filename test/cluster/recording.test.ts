import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import type { Looks } from '../../src/cluster/look.ts'
import type { Mirror } from '../../src/cluster/mirror.ts'
import { play } from '../support/playback.ts'
import { RecordingWriter } from '../../src/cluster/recording-writer.ts'
import { openRecording, RecordingError, type RecordedChange } from '../../src/cluster/recording.ts'
import { VirtualClock } from '../../src/util/virtual-clock.ts'
import * as build from '../support/build.ts'
import { ManualClock } from '../support/clock.ts'

const SCRATCH = mkdtempSync(join(tmpdir(), 'dogwatch-recording-'))
after(() => rmSync(SCRATCH, { recursive: true }))
const scratch = (): string => mkdtempSync(join(SCRATCH, 'one-'))

const ALL: Looks = { listed: new Map([['pods', 'all']]), blind: new Map(), unnamed: 'not-installed' }
const STALE: Looks = {
  listed: new Map(),
  blind: new Map([['pods', { unknown: 'stale', detail: 'pods: silent' }]]),
  unnamed: 'not-installed',
}
const pod = (seed: build.Seed): AnyObject => build.projected(build.pod(seed))
const A = pod({ name: 'a', uid: 'u-a' })
const CHANGED = pod({ name: 'a', uid: 'u-a', labels: { x: 'one\u2028two' } })
const B = pod({ name: 'b', uid: 'u-b' })

/** A mirror that notes what it is told, and when. */
function notes(now: () => number): Mirror & { readonly told: unknown[] } {
  const told: unknown[] = []
  return {
    told,
    put: (object) => void told.push([now(), 'put', object.metadata.uid, object.metadata.labels ?? null]),
    remove: (uid, witnessed) => void told.push([now(), 'remove', uid, witnessed]),
    watch: (looks) => void told.push([now(), 'watch', [...looks.listed.keys()], [...looks.blind.keys()]]),
  }
}

const unexpected = (error: Error): never => {
  throw error
}

async function record(directory: string): Promise<RecordingWriter> {
  const clock = new ManualClock(build.NOW)
  const writer = new RecordingWriter({ directory, clock, onFault: unexpected })
  writer.put(A)
  writer.put(B)
  writer.remove('u-b', true)
  writer.watch(ALL)
  assert.equal(await writer.begin(), 1)
  clock.advance(1500)
  writer.put(CHANGED)
  writer.put(B)
  clock.advance(1000)
  writer.remove('u-b', true)
  writer.remove('u-never-seen', true)
  writer.watch(STALE)
  clock.advance(1000)
  writer.remove('u-a', false)
  clock.advance(60_000)
  await writer.end()
  return writer
}

async function played(directory: string, afterMs = 0) {
  const recording = await openRecording(directory, { now: 0 })
  const clock = new VirtualClock(recording.look.takenAt)
  const mirror = notes(() => clock.now() - build.NOW)
  const result = await play(recording, { mirror, clock, afterMs })
  return { told: mirror.told, ...result }
}

test('what was recorded is played back, each change at its time', async () => {
  const directory = scratch()
  const writer = await record(directory)
  const { told, from, to, changes } = await played(directory, 5000)
  assert.deepEqual(told, [
    [0, 'put', 'u-a', null],
    [0, 'watch', ['pods'], []],
    [1500, 'put', 'u-a', Object.assign(Object.create(null), { x: 'one\u2028two' })],
    [1500, 'put', 'u-b', null],
    [2500, 'remove', 'u-b', true],
    [2500, 'watch', [], ['pods']],
    [3500, 'remove', 'u-a', false],
  ])
  assert.deepEqual([from, to, changes], [build.NOW, build.NOW + 68_500, 4])
  assert.deepEqual([writer.changes, writer.objects], [4, 0])
})

test('a recording is its owner’s alone, a line each, with the words of a watch', async () => {
  const directory = scratch()
  await record(directory)
  for (const file of ['snapshot.json', 'watch.jsonl']) assert.equal(statSync(join(directory, file)).mode & 0o777, 0o600)
  const text = readFileSync(join(directory, 'watch.jsonl'), 'utf8')
  const types = text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type)
  assert.deepEqual(types, ['MODIFIED', 'ADDED', 'DELETED', 'LOOKS', 'DELETED', 'END'])
})

test('no second recording is written over a first', async () => {
  const directory = scratch()
  await record(directory)
  const before = readFileSync(join(directory, 'watch.jsonl'), 'utf8')
  const faults: string[] = []
  const clock = new ManualClock()
  const writer = new RecordingWriter({ directory, clock, onFault: ({ message }) => faults.push(message) })
  await assert.rejects(writer.begin())
  await assert.rejects(writer.end(), /watch\.jsonl: EEXIST/)
  assert.equal(faults.length, 1)
  assert.equal(readFileSync(join(directory, 'watch.jsonl'), 'utf8'), before)
})

test('a writer that never began has written nothing', async () => {
  const directory = scratch()
  const writer = new RecordingWriter({ directory, clock: new ManualClock(), onFault: unexpected })
  writer.put(A)
  await writer.end()
  assert.equal(existsSync(join(directory, 'watch.jsonl')), false)
})

const HEAD = {
  apiVersion: 'v1',
  kind: 'List',
  metadata: { annotations: { 'dogwatch.io/recorded-at': '2026-11-21T12:00:00Z', 'dogwatch.io/listed': 'pods,nodes' } },
  items: [],
}

function written(lines: readonly unknown[], snapshot: unknown = HEAD): string {
  const directory = scratch()
  writeFileSync(join(directory, 'snapshot.json'), JSON.stringify(snapshot))
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  writeFileSync(join(directory, 'watch.jsonl'), text.join('\n'))
  return directory
}

async function changesOf(directory: string): Promise<RecordedChange[]> {
  const found: RecordedChange[] = []
  for await (const change of (await openRecording(directory, { now: 0 })).changes()) found.push(change)
  return found
}

const AT = '2026-11-21T12:00:01.5Z'
const RAW = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'shop', uid: 'u-a' } }

describe('events as an API server sent them', () => {
  test('are read with their path', async () => {
    const directory = written([
      { at: AT, path: '/api/v1/pods', event: { type: 'ADDED', object: RAW } },
      {
        at: AT,
        path: '/api/v1/pods',
        event: { type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: {} } },
      },
      { at: AT, path: '/api/v1/pods', event: { type: 'DELETED', object: RAW } },
    ])
    assert.deepEqual(
      (await changesOf(directory)).map(({ type }) => type),
      ['put', 'time', 'remove'],
    )
  })

  test('that end a watch leave its kind unknown from there on', async () => {
    const gone = { kind: 'Status', apiVersion: 'v1', code: 410, message: 'too old resource version' }
    const directory = written([{ at: AT, path: '/api/v1/pods', event: { type: 'ERROR', object: gone } }])
    const [change] = await changesOf(directory)
    assert.ok(change?.type === 'looks')
    assert.deepEqual([...change.looks.listed.keys()], ['nodes'])
    assert.equal(change.looks.blind.get('pods')?.unknown, 'stale')
  })
})

test('a clock that was set back does not take time back', async () => {
  const directory = written([
    { at: '2026-11-21T12:00:09Z', type: 'ADDED', object: RAW },
    { at: '2026-11-21T11:00:00Z', type: 'MODIFIED', object: RAW },
  ])
  const times = (await changesOf(directory)).map(({ at }) => at - build.NOW)
  assert.deepEqual(times, [9000, 9000])
})

test('a snapshot alone is a recording in which nothing happened', async () => {
  const directory = scratch()
  writeFileSync(join(directory, 'snapshot.json'), JSON.stringify(HEAD))
  assert.deepEqual((await played(directory, 1000)).told, [[0, 'watch', ['pods', 'nodes'], []]])
})

const GOOD = { at: AT, type: 'ADDED', object: RAW }
const BAD: [name: string, line: unknown, message: RegExp][] = [
  ['cut off', '{"at":"2026-11-21T12:0', /watch\.jsonl:2: cut off, or not JSON: \{"at"/],
  ['no JSON', 'hello \u001B[31m', /watch\.jsonl:2: cut off, or not JSON: hello {2}\[31m;/],
  ['a number', '7', /:2: cut off, or not JSON: 7;/],
  ['a list', '[]', /:2: cut off/],
  ['without a time', { type: 'ADDED', object: RAW }, /:2: "at" is no time/],
  ['with another time', { ...GOOD, at: 17 }, /:2: "at" is no time/],
  ['years ahead', { ...GOOD, at: '9999-01-01T00:00:00Z' }, /:2: "at" is more than 31 days/],
  ['of an unknown type', { ...GOOD, type: '__proto__' }, /:2: no event of a watch/],
  ['without an object', { at: AT, type: 'ADDED' }, /:2: no event of a watch/],
  ['whose object has no name', { ...GOOD, object: { ...RAW, metadata: {} } }, /:2: no event of a watch/],
  ['whose object has no kind', { ...GOOD, object: { metadata: RAW.metadata } }, /:2: no event of a watch/],
  ['whose event is null', { at: AT, event: null }, /:2: no event of a watch/],
  ['that says nothing of looks', { at: AT, type: 'LOOKS' }, /:2: no event of a watch/],
  ['of five megabytes', `{"at":"${'x'.repeat(5 * 2 ** 20)}`, /:2: a line of more than 4Mi/],
]

for (const [name, line, message] of BAD)
  test(`a line ${name} is refused by file and line, after what stands before it`, async () => {
    const directory = written([GOOD, line])
    const seen: string[] = []
    await assert.rejects(
      async () => {
        for await (const { type } of (await openRecording(directory, { now: 0 })).changes()) seen.push(type)
      },
      (error) => error instanceof RecordingError && message.test(error.message),
    )
    assert.deepEqual(seen, ['put'])
  })

test('a directory without a snapshot is no recording', async () => {
  await assert.rejects(openRecording(scratch(), { now: 0 }), /no recording: there is no snapshot\.json in it/)
  await assert.rejects(openRecording(join(SCRATCH, 'nowhere'), { now: 0 }), RecordingError)
  const odd = scratch()
  mkdirSync(join(odd, 'snapshot.json'))
  await assert.rejects(openRecording(odd, { now: 0 }), /snapshot\.json: EISDIR/)
  await assert.rejects(openRecording(written([], 'text'), { now: 0 }), /snapshot\.json: not a Kubernetes object/)
})
