import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FoundFile } from '../../src/util/directory.ts'
import { SILENT } from '../../src/util/logger.ts'
import { watchFiles, type FileWatch } from '../../src/util/watch-files.ts'
import { ManualClock } from '../support/clock.ts'

const here = mkdtempSync(join(tmpdir(), 'dogwatch-watch-'))
after(() => rmSync(here, { recursive: true }))

interface Watched {
  readonly directory: string
  readonly clock: ManualClock
  readonly watch: FileWatch
  /** What was told, the latest last: of each file its name, and its text or its fault. */
  readonly told: Record<string, string>[]
  readonly errors: string[]
  readonly hint: () => void
  /** Lets so many milliseconds pass, and all the reading that comes of it. */
  readonly pass: (ms: number) => Promise<void>
}

const view = (files: readonly FoundFile[]): Record<string, string> =>
  Object.fromEntries(
    files.map((one) => [one.file.slice(one.file.lastIndexOf('/') + 1), 'text' in one ? one.text : `! ${one.fault}`]),
  )

let directories = 0
function directory(files: Record<string, string> = {}): string {
  const path = join(here, String(++directories))
  mkdirSync(path)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

async function watched(path: string, changed: () => Promise<void> = () => Promise.resolve()): Promise<Watched> {
  const clock = new ManualClock()
  const told: Record<string, string>[] = []
  const errors: string[] = []
  let hint = (): void => assert.fail('nobody asked for hints')
  const watch = await watchFiles([path], {
    extension: '.json',
    clock,
    logger: { ...SILENT, error: (event) => void errors.push(event) },
    changed: async (files) => {
      told.push(view(files))
      await changed()
    },
    hint: (_directory, call) => {
      hint = call
      return () => (hint = () => undefined)
    },
  })
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100)
      // While it reads it does not wait for the clock; nor when it has ended, or waits for whoever was told.
      for (let turn = 0; clock.waiting === 0 && turn < 500; turn++) await stat(here)
    }
  }
  return { directory: path, clock, watch, told, errors, hint: () => hint(), pass }
}

test('what is there at the start is given at once; a change is told once, within seconds', async () => {
  const path = directory({ 'b.json': '2', 'a.json': '1', 'notes.txt': 'x', '.hidden.json': 'x' })
  const { watch, told, pass } = await watched(path)
  assert.deepEqual(view(watch.files), { 'a.json': '1', 'b.json': '2' })
  await pass(12_000)
  assert.deepEqual(told, [])
  writeFileSync(join(path, 'a.json'), '3')
  rmSync(join(path, 'b.json'))
  writeFileSync(join(path, 'c.json'), '4')
  await pass(12_000)
  assert.deepEqual(told, [{ 'a.json': '3', 'c.json': '4' }])
  await watch.stop()
})

test('a change of content that neither size nor time of the file tell', async () => {
  const path = directory({ 'a.json': '1' })
  const { watch, told, pass } = await watched(path)
  writeFileSync(join(path, 'a.json'), '2')
  await pass(6_000)
  writeFileSync(join(path, 'a.json'), '1')
  await pass(6_000)
  assert.deepEqual(told, [{ 'a.json': '2' }, { 'a.json': '1' }])
  await watch.stop()
})

test('a mounted ConfigMap: its files change together, when the link two steps away does', async () => {
  const path = directory()
  const version = (name: string, files: Record<string, string>): void => {
    mkdirSync(join(path, name))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, name, file), text)
    symlinkSync(name, join(path, '..data_tmp'))
    renameSync(join(path, '..data_tmp'), join(path, '..data'))
  }
  version('..2026_11_21_1', { 'a.json': 'one', 'b.json': 'one' })
  for (const file of ['a.json', 'b.json']) symlinkSync(join('..data', file), join(path, file))
  const { watch, told, pass } = await watched(path)
  assert.deepEqual(view(watch.files), { 'a.json': 'one', 'b.json': 'one' })
  version('..2026_11_21_2', { 'a.json': 'two', 'b.json': 'two' })
  rmSync(join(path, '..2026_11_21_1'), { recursive: true })
  await pass(6_000)
  assert.deepEqual(told, [{ 'a.json': 'two', 'b.json': 'two' }])
  await watch.stop()
})

test('a hint brings the look forward, however many come, and a file that is being written is waited for', async () => {
  const path = directory({ 'a.json': 'whole' })
  const { watch, told, hint, pass } = await watched(path)
  truncateSync(join(path, 'a.json'))
  hint()
  await pass(200)
  hint()
  await pass(200)
  writeFileSync(join(path, 'a.json'), 'whole and more')
  hint()
  await pass(1_000)
  assert.deepEqual(told, [{ 'a.json': 'whole and more' }])
  await watch.stop()
})

test('a directory that cannot be read takes no file away: each is said to be unreadable, and back when it is back', async () => {
  const path = directory({ 'a.json': '1', 'b.json': '2' })
  const { watch, told, pass } = await watched(path)
  renameSync(path, `${path}-away`)
  await pass(6_000)
  const fault = '! no such file or directory'
  assert.deepEqual(told, [{ 'a.json': fault, 'b.json': fault }])
  renameSync(`${path}-away`, path)
  await pass(6_000)
  assert.deepEqual(told[1], { 'a.json': '1', 'b.json': '2' })
  await watch.stop()
})

test('what is no plain file, too large, or a link to nothing is named with its fault', async () => {
  const path = directory({ 'a.json': '1', 'large.json': '' })
  mkdirSync(join(path, 'directory.json'))
  symlinkSync('nowhere', join(path, 'link.json'))
  truncateSync(join(path, 'large.json'), 2 ** 22 + 1)
  const { watch } = await watched(path)
  assert.deepEqual(view(watch.files), {
    'a.json': '1',
    'directory.json': '! no plain file',
    'large.json': '! larger than 4 MiB',
    'link.json': '! no such file or directory',
  })
  await watch.stop()
  const missing = await watched(join(here, 'missing'))
  assert.deepEqual(view(missing.watch.files), { missing: '! no such file or directory' })
  await missing.watch.stop()
})

test('whoever fails on a change is told the next one', async () => {
  const path = directory({ 'a.json': '1' })
  let calls = 0
  const { watch, told, errors, pass } = await watched(path, () =>
    calls++ === 0 ? Promise.reject(new Error('cannot')) : Promise.resolve(),
  )
  writeFileSync(join(path, 'a.json'), '2')
  await pass(6_000)
  assert.deepEqual(errors, ['files not read again'])
  writeFileSync(join(path, 'a.json'), '3')
  await pass(6_000)
  assert.deepEqual(told, [{ 'a.json': '2' }, { 'a.json': '3' }])
  await watch.stop()
})

test('it ends: no timer, no hint, nothing told', async () => {
  const path = directory({ 'a.json': '1' })
  const { watch, told, clock, hint, pass } = await watched(path)
  writeFileSync(join(path, 'a.json'), '2')
  await watch.stop()
  hint()
  await pass(6_000)
  assert.deepEqual([told, clock.waiting], [[], 0])
})

test('the hints of the file system itself begin and end', async () => {
  const path = directory({ 'a.json': '1' })
  const watch = await watchFiles([path, join(here, 'missing')], {
    extension: '.json',
    clock: new ManualClock(),
    logger: SILENT,
    changed: () => Promise.resolve(),
  })
  assert.equal(watch.files.length, 2)
  await watch.stop()
})
