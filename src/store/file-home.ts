import { randomUUID } from 'node:crypto'
import { chmod, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { APPLICATION, chunksIn, inspect, VERSION, writeDatabase } from './database.ts'
import { HomeError, type Home, type Opened } from './home.ts'

const HEADER = 100
const MAGIC = 'SQLite format 3\0'

/** Keeps chunks in a SQLite file. Each save is a new file, moved over the old one when it is whole and on the disk. */
export function fileHome(path: string): Home {
  return {
    path,
    open: () => openFile(path),
    read: () => chunksIn(path),
    write: (chunks, at) => replace(path, (beside) => writeDatabase(beside, chunks, at)),
  }
}

async function openFile(path: string): Promise<Opened> {
  await removeLeftovers(path)
  const kind = await kindOf(path)
  if (kind === 'none') return {}
  if (typeof kind === 'object') return { problem: kind.problem, sealed: kind.sealed }
  if (kind === 'damaged') return aside(path, 'it is no checkpoint')
  try {
    return { savedAt: await inspect(path) }
  } catch (error) {
    return aside(path, reasonOf(error))
  }
}

type Kind = 'none' | 'ours' | 'damaged' | { readonly problem: string; readonly sealed: boolean }

/** Whose file it is, read off its first bytes: the database itself is not opened for what may be anybody's. */
async function kindOf(path: string): Promise<Kind> {
  let header: Buffer
  try {
    header = await firstBytes(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'none'
    return { problem: `${path} cannot be read: ${reasonOf(error)}`, sealed: false }
  }
  if (header.length < HEADER || header.toString('latin1', 0, MAGIC.length) !== MAGIC) return 'damaged'
  const [version, application] = [header.readUInt32BE(60), header.readUInt32BE(68)]
  if (application !== APPLICATION)
    return { problem: `${path} is a database of another program; nothing is kept`, sealed: true }
  if (version > VERSION)
    return { problem: `${path} is of a newer dogwatch (format ${version}); nothing is kept`, sealed: true }
  return version === VERSION ? 'ours' : 'damaged'
}

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEADER), 0, HEADER, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function aside(path: string, reason: string): Promise<Opened> {
  const bad = `${path}.bad`
  try {
    await rename(path, bad)
    return { problem: `${path} is damaged (${reason}): kept as ${bad}, and everything begins anew` }
  } catch {
    return { problem: `${path} is damaged (${reason}): everything begins anew` }
  }
}

/** Moves a whole new file over the old one. A kill at any point leaves one or the other, and perhaps a part beside it. */
async function replace(path: string, write: (beside: string) => Promise<void>): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}.new`)
  try {
    await write(beside)
    await chmod(beside, 0o600)
    await toDisk(beside, 'r+')
    // Another dogwatch, newer than this one, may have begun in the meantime.
    const kind = await kindOf(path)
    if (typeof kind === 'object') throw new HomeError(kind.problem)
    await rename(beside, path)
  } catch (error) {
    throw ofSystem(error) ? new HomeError(`${path} cannot be written: ${reasonOf(error)}`, { cause: error }) : error
  } finally {
    await rm(beside, { force: true }).catch(() => undefined)
  }
  // Some file systems cannot do this for a directory, and some need it for the new name to last.
  await toDisk(dirname(path), 'r').catch(() => undefined)
}

async function toDisk(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Removes what killed saves left: their names differ, so they would pile up. */
async function removeLeftovers(path: string): Promise<void> {
  try {
    const mark = `.${basename(path)}.`
    const names = (await readdir(dirname(path))).filter(
      (name) => name.startsWith(mark) && /\.new(-journal)?$/.test(name),
    )
    await Promise.all(names.map((name) => rm(join(dirname(path), name), { force: true })))
  } catch {
    // Whoever cannot list the directory will hear of it when the file is opened or written.
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

const ofSystem = (error: unknown): boolean => codeOf(error) !== undefined

// What the file system says has the name of the new file in it, which is another one each time.
function reasonOf(error: unknown): string {
  const code = codeOf(error)
  return error instanceof Error && (code === undefined || code === 'ERR_SQLITE_ERROR') ? error.message : String(code)
}
