import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { withoutAnnotations, type DumpJson } from '../support/dumps.ts'
import { RECORDINGS, recordedJson } from '../support/recordings.ts'
import { scanDump } from '../support/scan-dump.ts'

const named = ({ items }: Envelope): string[] =>
  items.map(({ rule, target }) => `${rule.id} ${target.kind} ${target.namespace ?? ''}/${target.name}`)

/** The dump as `kubectl` writes it, but with its time, without which it would be read as of now. */
function bare(dump: DumpJson): DumpJson {
  const annotations = dump.metadata['annotations'] as Record<string, string>
  const time = { 'dogwatch.io/recorded-at': annotations['dogwatch.io/recorded-at'] ?? '' }
  return { ...withoutAnnotations(dump), metadata: { annotations: time } }
}

for (const name of RECORDINGS)
  test(`${name}: what nobody says was looked at makes no finding`, async () => {
    const dump = recordedJson(name) as DumpJson
    const whole = new Set(named((await scanDump(dump)).envelope))
    const { envelope, hints } = await scanDump(bare(dump))
    assert.match(hints.join(' '), /--complete/)
    assert.deepEqual(
      named(envelope).filter((one) => !whole.has(one)),
      [],
    )
  })

test('a claim is an orphan only where everything that could use it was looked at; --complete says so', async () => {
  const dump = bare(recordedJson('pvc-orphan') as DumpJson)
  const doubtful = await scanDump(dump)
  assert.deepEqual(named(doubtful.envelope), [])
  const open = doubtful.envelope.unknown.find(({ rule }) => rule === 'orphaned-claim')
  assert.equal(open?.reason, 'not-listed')
  assert.match(open.detail ?? '', /nobody looked/)
  const sure = await scanDump(dump, { complete: true })
  assert.deepEqual(named(sure.envelope), ['orphaned-claim PersistentVolumeClaim faults-pvc-orphan/old-uploads'])
  assert.doesNotMatch(sure.hints.join(' '), /--complete/)
  assert.ok(!sure.envelope.unknown.some(({ rule }) => rule === 'orphaned-claim'))
})

test('a dump that does not say when it was taken is read as of now, and says so', async () => {
  const { hints } = await scanDump(withoutAnnotations(recordedJson('pvc-orphan') as DumpJson))
  assert.match(hints.join(' '), /--at TIME/)
})

test('a single object is a dump: its fault is found on it, and nothing is proposed for an owner that nobody saw', async () => {
  const { items } = recordedJson('crash-exit') as DumpJson
  const pod = items.find(({ kind }) => kind === 'Pod')
  const { envelope } = await scanDump(pod, { at: Date.parse('2026-11-21T12:09:28Z') })
  const crash = envelope.items.find(({ state }) => state === 'firing')
  assert.deepEqual([crash?.rule.id, crash?.target.kind], ['crash-loop', 'Pod'])
  assert.deepEqual(crash?.recommendations, [])
})
