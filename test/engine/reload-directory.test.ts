import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { RuleShelf, type Shelved } from '../../src/engine/reload.ts'
import { SILENT } from '../../src/util/logger.ts'
import { watchFiles } from '../../src/util/watch-files.ts'
import { ManualClock } from '../support/clock.ts'
import { VOCABULARY, crashLoop } from './facts.ts'

const here = mkdtempSync(join(tmpdir(), 'dogwatch-mounted-'))
after(() => rmSync(here, { recursive: true }))

const rule = (id: string, severity: string): string => JSON.stringify({ ...crashLoop(), id, severity })

/** Puts a version of a ConfigMap in place as the kubelet does: a directory of its own, and a link to it that is swapped. */
function mount(version: number, files: Readonly<Record<string, string>>): void {
  const data = `..2026_${version}`
  mkdirSync(join(here, data))
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(here, data, file), text)
    rmSync(join(here, file), { force: true })
    symlinkSync(join('..data', file), join(here, file))
  }
  symlinkSync(data, join(here, '..data_tmp'))
  renameSync(join(here, '..data_tmp'), join(here, '..data'))
}

test('a rule file in a mounted ConfigMap is live without a restart; one that turns bad keeps its last good rule', async () => {
  mount(1, { 'a.json': rule('a', 'low'), 'b.json': rule('b', 'low') })
  const clock = new ManualClock()
  const shelf = new RuleShelf(VOCABULARY)
  let latest: Shelved | undefined
  const watch = await watchFiles([here], {
    extension: '.json',
    clock,
    logger: SILENT,
    hint: () => () => undefined,
    changed: async (files) => {
      latest = await shelf.load(files)
    },
  })
  const first = await shelf.load(watch.files)
  const seen = (set: Shelved | undefined) => set?.rules.map((one) => `${one.rule.id} ${one.rule.severity}`)
  assert.deepEqual(seen(first), ['a low', 'b low'])

  const next = async (): Promise<void> => {
    for (let passed = 0; passed < 6_000; passed += 100) {
      clock.advance(100)
      for (let turn = 0; turn < 20; turn++) await stat(here)
    }
  }
  mount(2, { 'a.json': rule('a', 'high'), 'b.json': rule('b', 'high').slice(0, 400), 'c.json': rule('c', 'low') })
  await next()
  assert.deepEqual(seen(latest), ['a high', 'b low', 'c low'])
  assert.equal(latest?.rules[1], first.rules[1])
  assert.deepEqual(
    latest?.problems.map(({ file, kept }) => [file, kept]),
    [[join(here, 'b.json'), true]],
  )
  mount(3, { 'a.json': rule('a', 'high'), 'b.json': rule('b', 'high') })
  rmSync(join(here, 'c.json'))
  await next()
  assert.deepEqual([seen(latest), latest?.removed, latest?.problems], [['a high', 'b high'], ['c'], []])
  assert.equal(readFileSync(join(here, 'b.json'), 'utf8'), rule('b', 'high'))
  await watch.stop()
})
