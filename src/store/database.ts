import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'

/** The version of the format. A file of a newer one is never touched; a field that is added to a value needs no new one. */
export const VERSION = 1
/** Marks a database as a checkpoint of dogwatch: "dgwt". */
export const APPLICATION = 0x64_67_77_74

// The file is new, nobody else knows its name, and it reaches the disk before it gets its own: a journal would only cost.
const SETUP = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${VERSION};
  CREATE TABLE chunk (number INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
  CREATE TABLE save (at INTEGER NOT NULL, chunks INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
`

/** Writes a whole database. Each chunk is a step of its own; events go on in between. */
export async function writeDatabase(path: string, chunks: AsyncIterable<Uint8Array>, at: number): Promise<void> {
  const database = new DatabaseSync(path)
  try {
    database.exec(SETUP)
    const insert = database.prepare('INSERT INTO chunk (number, crc, data) VALUES (?, ?, ?)')
    let number = 0
    for await (const chunk of chunks) insert.run(number++, crc32(chunk), chunk)
    database
      .prepare('INSERT INTO save (at, chunks, crc) VALUES (?, ?, ?)')
      .run(BigInt(Math.round(at)), number, markOf(Math.round(at), number))
  } finally {
    database.close()
  }
}

/**
 * When a database was saved, in milliseconds since 1970, after every chunk of it was looked at.
 * @throws Error when any of it is not as it was written.
 */
export async function inspect(path: string): Promise<number> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const { at, chunks } = saveOf(database)
    for await (const _chunk of read(database, chunks)) await setImmediate()
    return at
  } finally {
    database.close()
  }
}

/** The chunks of a database. @throws Error when any of them is not as it was written. */
export async function* chunksIn(path: string): AsyncGenerator<Uint8Array> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    yield* read(database, saveOf(database).chunks)
  } finally {
    database.close()
  }
}

async function* read(database: DatabaseSync, chunks: number): AsyncGenerator<Uint8Array> {
  const select = database.prepare('SELECT crc, data FROM chunk WHERE number = ?')
  for (let number = 0; number < chunks; number++) {
    const row = select.get(number)
    if (!(row?.['data'] instanceof Uint8Array) || crc32(row['data']) !== row['crc'])
      throw new Error(`part ${number + 1} of ${chunks} is not as it was written`)
    yield row['data']
  }
}

function saveOf(database: DatabaseSync): { readonly at: number; readonly chunks: number } {
  const row = database.prepare('SELECT at, chunks, crc FROM save').get()
  const [at, chunks] = [Number(row?.['at']), Number(row?.['chunks'])]
  if (row === undefined || markOf(at, chunks) !== row['crc']) throw new Error('it was not written to its end')
  return { at, chunks }
}

const markOf = (at: number, chunks: number): number => crc32(`${at}/${chunks}`)
