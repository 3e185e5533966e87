import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { openCheckpoint, type Checkpoint } from '../../src/store/checkpoint.ts'
import type { Entry } from '../../src/store/entries.ts'
import { SILENT } from '../../src/util/logger.ts'
import { readStream } from '../../src/util/files.ts'

const here = mkdtempSync(join(tmpdir(), 'dogwatch-checkpoint-'))
after(() => rmSync(here, { recursive: true }))

let directories = 0
/** A path in a directory of its own. */
function place(): string {
  const directory = join(here, String(++directories))
  mkdirSync(directory)
  return join(directory, 'dogwatch.db')
}

const AT = Date.parse('2026-11-21T12:00:00Z')
const open = (path: string): Promise<Checkpoint> => openCheckpoint(path, { logger: SILENT })
const entries = (count: number, word = 'x'): Entry[] =>
  Array.from({ length: count }, (_, i) => ({ section: 'past', key: `key${i}`, value: [word, i] }))
async function all(checkpoint: Checkpoint): Promise<Entry[]> {
  const found: Entry[] = []
  for await (const one of checkpoint.load()) found.push(one)
  return found
}

async function saved(count = 20_000): Promise<string> {
  const path = place()
  const checkpoint = await open(path)
  await checkpoint.save(entries(count), AT)
  await checkpoint.close()
  return path
}

const neighbours = (path: string): string[] => readdirSync(dirname(path)).toSorted()
const byte = (path: string, offset: number, value: number): void => {
  const bytes = readFileSync(path)
  bytes[offset] = value
  writeFileSync(path, bytes)
}

test('a checkpoint outlives its process, in one file that only its owner reads', async () => {
  const path = await saved()
  assert.deepEqual(neighbours(path), ['dogwatch.db'])
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const again = await open(path)
  assert.deepEqual([again.savedAt, again.problem], [AT, undefined])
  assert.deepEqual(await all(again), entries(20_000))
})

const DAMAGES: Record<string, (path: string) => void> = {
  'cut off in the middle': (path) => writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size / 2)),
  'cut off in its header': (path) => writeFileSync(path, readFileSync(path).subarray(0, 50)),
  'cut off by one page': (path) => writeFileSync(path, readFileSync(path).subarray(0, -4096)),
  empty: (path) => writeFileSync(path, ''),
  'no database': (path) => writeFileSync(path, 'dogwatch\n'.repeat(100)),
  'changed in one byte of what is kept': (path) => {
    const bytes = readFileSync(path)
    const offset = Math.floor(bytes.length * 0.6)
    byte(path, offset, (bytes[offset] ?? 0) ^ 1)
  },
  'without its tables': (path) => {
    const database = new DatabaseSync(path)
    database.exec('DROP TABLE save')
    database.close()
  },
  'of a save that did not end': (path) => {
    const database = new DatabaseSync(path)
    database.exec('DELETE FROM save')
    database.close()
  },
  'with another time than was written': (path) => {
    const database = new DatabaseSync(path)
    database.exec('UPDATE save SET at = at + 1')
    database.close()
  },
  'of a version that never was': (path) => byte(path, 63, 0),
}

for (const [damage, harm] of Object.entries(DAMAGES)) {
  test(`fault 44, a checkpoint ${damage}: kept as FILE.bad, everything begins anew, the next save is good`, async () => {
    const path = await saved()
    harm(path)
    const damaged = readFileSync(path)
    const checkpoint = await open(path)
    assert.deepEqual([await all(checkpoint), checkpoint.savedAt], [[], undefined])
    assert.match(checkpoint.problem ?? '', /is damaged \(.+\): kept as .+\.bad, and everything begins anew$/)
    assert.deepEqual(readFileSync(`${path}.bad`), damaged)
    await checkpoint.save(entries(3), AT + 1)
    const again = await open(path)
    assert.deepEqual([await all(again), again.savedAt, again.problem], [entries(3), AT + 1, undefined])
    assert.deepEqual(neighbours(path), ['dogwatch.db', 'dogwatch.db.bad'])
  })
}

test('every byte of a small checkpoint matters or does not: it is whole, or it begins anew', async () => {
  const path = await saved(3)
  const whole = readFileSync(path)
  const outcomes = { whole: 0, anew: 0, sealed: 0 }
  for (let offset = 0; offset < whole.length; offset += offset < 4096 ? 31 : 97) {
    const bytes = Buffer.from(whole)
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x55
    writeFileSync(path, bytes)
    const checkpoint = await open(path)
    const found = await all(checkpoint)
    if (found.length > 0) {
      assert.deepEqual([found, checkpoint.savedAt], [entries(3), AT], `byte ${offset}`)
      outcomes.whole++
      continue
    }
    assert.ok(checkpoint.problem !== undefined && checkpoint.savedAt === undefined, `byte ${offset}`)
    outcomes[existsSync(path) ? 'sealed' : 'anew']++
  }
  assert.ok(outcomes.whole > 0 && outcomes.anew > 0, JSON.stringify(outcomes))
})

const FOREIGN: [what: string, make: (path: string) => void | Promise<void>, says: RegExp][] = [
  [
    'of a newer dogwatch',
    async (path) => {
      copyFileSync(await saved(3), path)
      byte(path, 63, 2)
    },
    /is of a newer dogwatch \(format 2\); nothing is kept$/,
  ],
  [
    'of another program',
    (path) => {
      const database = new DatabaseSync(path)
      database.exec("CREATE TABLE theirs (a); INSERT INTO theirs VALUES ('precious')")
      database.close()
    },
    /is a database of another program; nothing is kept$/,
  ],
]

for (const [what, make, says] of FOREIGN) {
  test(`fault 50, a checkpoint ${what} is left as it is, and dogwatch goes on without one`, async () => {
    const path = place()
    await make(path)
    const before = readFileSync(path)
    const checkpoint = await open(path)
    await checkpoint.save(entries(3), AT)
    assert.deepEqual([await all(checkpoint), checkpoint.savedAt], [[], undefined])
    assert.match(checkpoint.problem ?? '', says)
    assert.deepEqual(readFileSync(path), before)
    assert.deepEqual(neighbours(path), ['dogwatch.db'])
  })

  test(`a checkpoint ${what} that comes while dogwatch runs is not written over either`, async () => {
    const path = place()
    const checkpoint = await open(path)
    await checkpoint.save(entries(3), AT)
    rmSync(path)
    await make(path)
    const before = readFileSync(path)
    await checkpoint.save(entries(4), AT + 1)
    assert.match(checkpoint.problem ?? '', says)
    assert.equal(checkpoint.savedAt, AT)
    assert.deepEqual(readFileSync(path), before)
  })
}

test('a place where nothing can be read or written: said, and everything else goes on', async () => {
  const file = join(here, 'plain')
  writeFileSync(file, '')
  const places: [path: string, opens: RegExp | undefined, saves: RegExp][] = [
    [join(here, 'missing', 'a.db'), undefined, /unable to open/],
    [join(file, 'a.db'), /cannot be read: ENOTDIR/, /cannot be written: unable to open/],
    [here, /cannot be read: EISDIR/, /cannot be read: EISDIR/],
  ]
  for (const [path, opens, saves] of places) {
    const lines: string[] = []
    const logger = { ...SILENT, warn: (event: string) => void lines.push(event) }
    const checkpoint = await openCheckpoint(path, { logger })
    assert.match(checkpoint.problem ?? 'none', opens ?? /^none$/)
    await checkpoint.save(entries(3), AT)
    await checkpoint.save(entries(3), AT)
    assert.match(checkpoint.problem ?? '', saves)
    assert.deepEqual([await all(checkpoint), checkpoint.savedAt], [[], undefined])
    assert.deepEqual(lines.filter((line) => line === 'checkpoint not written').length, 1, 'said once')
  }
})

test('a problem with writing ends with the next save that succeeds', async () => {
  const path = join(here, 'later', 'a.db')
  const checkpoint = await open(path)
  await checkpoint.save(entries(3), AT)
  assert.ok(checkpoint.problem)
  mkdirSync(dirname(path))
  await checkpoint.save(entries(3), AT + 1)
  assert.deepEqual([checkpoint.problem, checkpoint.savedAt], [undefined, AT + 1])
})

test('at every moment of a save the file is that of the save before, and it is never written to', async () => {
  const path = await saved(10)
  const before = readFileSync(path)
  let looks = 0
  const watched = function* watched() {
    for (const one of entries(5_000)) {
      if (looks++ % 500 === 0) assert.deepEqual(readFileSync(path), before)
      yield one
    }
  }
  const checkpoint = await open(path)
  await checkpoint.save(watched(), AT + 1)
  assert.equal(looks, 5_000)
  assert.equal((await all(await open(path))).length, 5_000)
})

const CHILD = join(import.meta.dirname, '../support/saving.ts')

/** A process that saves; `limit` is the most blocks of 512 bytes that it may write to one file. */
function saving(path: string, mode: 'hang' | 'large', limit = 'unlimited') {
  const command = `ulimit -f ${limit}; exec "$0" "$@"`
  return spawn('sh', ['-c', command, process.execPath, CHILD, path, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('faults 39 and 45, a kill in the middle of a save, again and again: the last whole one is there, and nothing piles up', async () => {
  const path = await saved(10)
  for (let round = 0; round < 2; round++) {
    const child = saving(path, 'hang')
    await once(child.stdout, 'data')
    assert.ok(
      neighbours(path).some((name) => name.endsWith('.new')),
      'killed while it writes',
    )
    child.kill('SIGKILL')
    await once(child, 'close')
    const checkpoint = await open(path)
    assert.deepEqual([await all(checkpoint), checkpoint.savedAt, checkpoint.problem], [entries(10), AT, undefined])
    assert.deepEqual(neighbours(path), [basename(path)])
  }
})

test('fault 44, a full disk: said, the last whole save stays, and nothing is left beside it', async () => {
  const path = await saved(10)
  const child = saving(path, 'large', '200')
  const [out] = await Promise.all([readStream(child.stdout), once(child, 'close')])
  assert.match(out, /problem: .*(full|I\/O|too large)/)
  assert.match(out, /savedAt: 1795262400000\n/)
  assert.deepEqual(neighbours(path), [basename(path)])
  assert.deepEqual(await all(await open(path)), entries(10))
})
