import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { StatusError } from '../../../src/cluster/api.ts'
import { retryAfterOf } from '../../../src/cluster/retry-after.ts'
import { LineReader } from '../../../src/cluster/watch/frame-reader.ts'
import { readFrame } from '../../../src/cluster/watch/frame.ts'
import { troubleOf, WatchError } from '../../../src/cluster/watch/trouble.ts'
import { isEarlier, isLater } from '../../../src/cluster/watch/versions.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const LINES = [
  '{"type":"ADDED","object":{"metadata":{"name":"Bäckerei 🥖","uid":"u1","resourceVersion":"7"}}}',
  '',
  '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"8"}}}',
]
const BYTES = Buffer.from(`${LINES.join('\n')}\n`)

describe('lines of a watch', () => {
  test('are the same wherever the bytes are cut', () => {
    for (let at = 0; at <= BYTES.length; at++) {
      const reader = new LineReader(1000)
      const lines = [...reader.write(BYTES.subarray(0, at)), ...reader.write(BYTES.subarray(at))]
      assert.deepEqual(lines, [LINES[0], LINES[2]], `cut at ${at}`)
      assert.equal(reader.end(), undefined)
    }
  })

  test('are the same in any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const reader = new LineReader(1000)
        const lines: string[] = []
        for (let from = 0, i = 0; from < BYTES.length; i++) {
          const size = sizes[i % sizes.length] ?? 1
          lines.push(...reader.write(BYTES.subarray(from, from + size)))
          from += size
        }
        assert.deepEqual(lines, [LINES[0], LINES[2]])
      }),
    )
  })

  test('a last one without a line break is had at the end', () => {
    const reader = new LineReader(1000)
    assert.deepEqual(reader.write(Buffer.from('{"a":1}\n{"b":')), ['{"a":1}'])
    assert.deepEqual(reader.write(Buffer.from('2}')), [])
    assert.equal(reader.end(), '{"b":2}')
  })

  test('too long is said before it is held', () => {
    const reader = new LineReader(10)
    reader.write(Buffer.from('12345'))
    assert.throws(() => reader.write(Buffer.from('678901')), WatchError)
    assert.deepEqual(new LineReader(10).write(Buffer.from('1234567890\n1234567890\n')), ['1234567890', '1234567890'])
  })
})

const object = (metadata: object): object => ({ kind: 'Pod', metadata })
const whole = object({ name: 'a', uid: 'u', resourceVersion: '5' })
const read = (type: unknown, of: unknown) => readFrame(JSON.stringify({ type, object: of }), NOW)

describe('frames', () => {
  test('say what happened, and up to where', () => {
    assert.deepEqual(read('ADDED', whole), { type: 'changed', object: whole, uid: 'u', version: '5' })
    assert.deepEqual(read('MODIFIED', whole), { type: 'changed', object: whole, uid: 'u', version: '5' })
    assert.deepEqual(read('DELETED', whole), { type: 'deleted', object: whole, uid: 'u', version: '5' })
    assert.deepEqual(read('BOOKMARK', object({ resourceVersion: '6' })), {
      type: 'bookmark',
      version: '6',
      allSent: false,
    })
    const end = object({ resourceVersion: '6', annotations: { 'k8s.io/initial-events-end': 'true' } })
    assert.deepEqual(read('BOOKMARK', end), { type: 'bookmark', version: '6', allSent: true })
  })

  const BAD: [string, string][] = [
    ['no JSON', '{"type":'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['text', '"ADDED"'],
    ['without an object', JSON.stringify({ type: 'ADDED' })],
    ['with a list for an object', JSON.stringify({ type: 'ADDED', object: [] })],
    ['of an unknown type', JSON.stringify({ type: 'RENAMED', object: whole })],
    ['of a type that is no text', JSON.stringify({ type: 7, object: whole })],
    ['of a type that every object has', JSON.stringify({ type: 'constructor', object: whole })],
    ['without metadata', JSON.stringify({ type: 'ADDED', object: { kind: 'Pod' } })],
    ['without a uid', JSON.stringify({ type: 'ADDED', object: object({ name: 'a', resourceVersion: '5' }) })],
    ['without a name', JSON.stringify({ type: 'ADDED', object: object({ uid: 'u', resourceVersion: '5' }) })],
    ['without a version', JSON.stringify({ type: 'ADDED', object: object({ name: 'a', uid: 'u' }) })],
    [
      'with a number for a version',
      JSON.stringify({ type: 'ADDED', object: object({ name: 'a', uid: 'u', resourceVersion: 5 }) }),
    ],
    ['a bookmark of nothing', JSON.stringify({ type: 'BOOKMARK', object: {} })],
    ['an error of no code', JSON.stringify({ type: 'ERROR', object: { kind: 'Status', message: 'oh' } })],
  ]
  for (const [name, line] of BAD)
    test(`${name}: cannot be read`, () => {
      assert.throws(
        () => readFrame(line, NOW),
        (error) => error instanceof WatchError && troubleOf(error) === 'frame',
      )
    })

  test('errors say what they mean', () => {
    const fails = (status: object): unknown => {
      try {
        return read('ERROR', status)
      } catch (error) {
        return error
      }
    }
    assert.equal(troubleOf(fails({ code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' })), 'gone')
    assert.equal(troubleOf(fails({ reason: 'Expired' })), 'gone')
    assert.equal(troubleOf(fails({ code: 403 })), 'forbidden')
    const busy = fails({ code: 429, message: 'slow down', details: { retryAfterSeconds: 3 } })
    assert.ok(busy instanceof StatusError)
    assert.equal(busy.retryAfter, 3000)
    assert.equal(troubleOf(fails({ code: 500, message: 'etcd' })), 'unreachable')
  })
})

test('versions are whole numbers of any length, and anything else is just different', () => {
  assert.ok(isEarlier('9', '10'))
  assert.ok(!isEarlier('10', '9'))
  assert.ok(!isEarlier('10', '10'))
  assert.ok(isEarlier('99999999999999999998', '99999999999999999999'))
  assert.ok(isLater('18446744073709551617', '18446744073709551616'))
  assert.ok(!isLater('10', '10'))
  for (const odd of ['', '007', '1e3', '-1', 'abc', ' 5']) {
    assert.ok(!isEarlier(odd, '5'))
    assert.ok(!isEarlier('5', odd))
    assert.ok(isLater(odd, '5'))
    assert.ok(!isLater(odd, odd))
  }
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 90n }), fc.bigInt({ min: 0n, max: 2n ** 90n }), (a, b) => {
      assert.equal(isEarlier(String(a), String(b)), a < b)
      assert.equal(isLater(String(a), String(b)), a > b)
    }),
  )
})

test('what a Retry-After asks for', () => {
  const after = (text: string | undefined, date?: string) => retryAfterOf({ 'retry-after': text, date }, NOW)
  assert.equal(after('5'), 5000)
  assert.equal(after(' 1.5 '), 1500)
  assert.equal(after('0'), 0)
  assert.equal(after('86400'), 60_000)
  assert.equal(after('Sat, 21 Nov 2026 12:00:30 GMT'), 30_000)
  assert.equal(after('Sat, 21 Nov 2026 11:00:00 GMT'), 0)
  assert.equal(after('Sat, 21 Nov 2026 13:00:00 GMT'), 60_000)
  assert.equal(after('Sat, 21 Nov 2026 13:00:20 GMT', 'Sat, 21 Nov 2026 13:00:00 GMT'), 20_000, "the server's clock")
  for (const nonsense of [undefined, '', '-5', 'soon', '1e9', '5s', '0x10', 'NaN', 'Infinity'])
    assert.equal(after(nonsense), undefined, nonsense)
})
