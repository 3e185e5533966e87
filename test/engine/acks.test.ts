import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAcksFile, readAcks, writeAcks, type Ack } from '../../src/engine/acks.ts'
import { load, crashLoop } from './facts.ts'

const ACK: Ack = { rule: 'mine', version: `sha256:${'0'.repeat(64)}`, reason: 'looked at it' }
const read = (content: unknown) =>
  readAcks({ file: 'acks.json', text: typeof content === 'string' ? content : JSON.stringify(content) })
const says = (content: unknown): string[] => {
  const found = read(content)
  return 'problems' in found ? found.problems.map(({ line, column, message }) => `${line}:${column} ${message}`) : []
}

test('what is written is read back', () => {
  const acks = [ACK, { ...ACK, by: 'alex', at: '2026-11-21T12:00:00Z' }]
  assert.deepEqual(read(writeAcks(acks)), { acks })
  assert.deepEqual(read('[]'), { acks: [] })
})

test('its name alone makes it one', () => {
  for (const file of ['acks.json', '/rules/acks.json', 'C:\\rules\\acks.json']) assert.ok(isAcksFile({ file }))
  for (const file of ['my-acks.json', 'acks.json/a.json', 'acks']) assert.ok(!isAcksFile({ file }))
})

const REFUSED: [why: string, content: unknown, says: RegExp][] = [
  ['no list', { rule: 'mine' }, /^1:1 array expected, object found$/],
  ['no JSON', '[{', /the text is cut off/],
  ['__proto__', '[{"__proto__":{}}]', /"__proto__" is not allowed/],
  ['a key that is unknown', [{ ...ACK, versoin: 'x' }], /^1:\d+ unknown key "versoin"; did you mean "version"\?$/],
  ['no reason', [{ ...ACK, reason: undefined }], /"reason" is missing/],
  ['an empty reason', [{ ...ACK, reason: ' ' }], /./],
  ['a part of a version', [{ ...ACK, version: 'sha256:12ab' }], /not a whole version/],
  ['a time that is none', [{ ...ACK, at: 'yesterday' }], /./],
  ['too many', Array.from({ length: 1_001 }, () => ACK), /1001 entries; at most 1000/],
]
for (const [why, content, pattern] of REFUSED)
  test(`refused: ${why}`, () => {
    const found = says(content)
    assert.equal(found.length, 1)
    assert.match(found[0] ?? '', pattern)
  })

test('the loader gives them beside the rules, and says what is wrong with them', async () => {
  const set = await load([
    ['rules/acks.json', [ACK]],
    ['rules/crash-loop.json', crashLoop()],
    ['other/acks.json', [{ ...ACK, extra: 1 }]],
  ])
  assert.deepEqual([set.rules.map(({ rule }) => rule.id), set.acks], [['crash-loop'], [ACK]])
  assert.deepEqual(
    set.problems.map(({ file, message }) => `${file}: ${message}`),
    ['other/acks.json: unknown key "extra"'],
  )
})
