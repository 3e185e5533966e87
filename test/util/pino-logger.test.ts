import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { pinoLogger } from '../../src/util/pino-logger.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')

function logged(level: 'debug' | 'info' | 'warn' | 'error' = 'info') {
  const lines: string[] = []
  return { lines, log: pinoLogger({ level, write: (line) => void lines.push(line), now: () => NOON }) }
}

test('a line is one JSON object with time, level, event and the fields', () => {
  const { lines, log } = logged()
  log.info('api listens', { url: 'http://127.0.0.1:8686', tries: 2, open: false, none: null, left: undefined })
  assert.equal(lines.length, 1)
  assert.ok(lines[0]?.endsWith('}\n'))
  assert.deepEqual(JSON.parse(lines[0] ?? ''), {
    level: 'info',
    time: '2026-11-21T12:00:00.000Z',
    url: 'http://127.0.0.1:8686',
    tries: 2,
    open: false,
    none: null,
    event: 'api listens',
  })
})

test('lines below the level are not written', () => {
  const { lines, log } = logged('warn')
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { level: string }).level),
    ['warn', 'error'],
  )
})

test('49: nothing in a field can forge a line, a key or a terminal code', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      'x\n{"level":"error","event":"forged"}',
      '\u001b[2J\u001b]0;owned\u0007',
      '\u202Eevil\u2066',
      '\u2028\u2029\u0085',
      '","event":"forged',
    ),
  )
  fc.assert(
    fc.property(hostile, hostile, (value, other) => {
      const { lines, log } = logged()
      log.warn('watch failed', { name: value, event: other, level: other, time: other })
      assert.equal(lines.length, 1)
      const [line = ''] = lines
      assert.equal(line.indexOf('\n'), line.length - 1)
      assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      const read = JSON.parse(line) as Record<string, unknown>
      assert.equal(read['event'], 'watch failed')
      assert.equal(read['level'], 'warn')
      assert.equal(read['time'], '2026-11-21T12:00:00.000Z')
      for (const key of ['event', 'level', 'time'])
        assert.equal(line.split(`"${key}":`).length, 2, `${key} is there once`)
    }),
  )
})

test('a long value is cut', () => {
  const { lines, log } = logged()
  log.info('long', { text: 'x'.repeat(100_000) })
  assert.ok((lines[0]?.length ?? 0) < 1200)
})
