import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'

/** One thing that is remembered: `value` is JSON, named by a section and a key in it. */
export interface Entry {
  readonly section: string
  readonly key: string
  readonly value: unknown
}

/** Whose checkpoint it is. It comes first: nothing that is of another cluster is to be taken in. */
export const ofCluster = (cluster: string): Entry => ({ section: 'cluster', key: '', value: cluster })

/** How much of what it was given an encoder took. */
export interface Taken {
  /** JSON before compression. */
  bytes: number
  leftOut: number
}

// A quarter of a millisecond to write as JSON, and enough for the compression to find what repeats.
const CHUNK = 2 ** 15
const LONGEST_ENTRY = 2 ** 20

const deflate = promisify<Buffer, { level: number }, Buffer>(deflateRaw)
const inflate = promisify<Uint8Array, Buffer>(inflateRaw)

/**
 * Entries as compressed chunks, made one after another as they are asked for; the compression runs beside the event loop, which goes on
 * between any two. Entries are taken up to `mostBytes` of JSON; what is left out is counted in `taken`.
 */
export async function* encode(entries: Iterable<Entry>, mostBytes: number, taken: Taken): AsyncGenerator<Uint8Array> {
  let lines: string[] = []
  let length = 0
  for (const { section, key, value } of entries) {
    const line = JSON.stringify([section, key, value])
    if (line.length > LONGEST_ENTRY || taken.bytes + line.length > mostBytes) {
      taken.leftOut++
      continue
    }
    lines.push(line)
    length += line.length
    taken.bytes += line.length
    if (length < CHUNK) continue
    yield await pack(lines)
    lines = []
    length = 0
  }
  if (lines.length > 0) yield await pack(lines)
}

const pack = (lines: readonly string[]): Promise<Uint8Array> =>
  deflate(Buffer.from(`[${lines.join(',')}]`), { level: 3 })

/** The entries of one chunk. */
export async function decode(chunk: Uint8Array): Promise<Entry[]> {
  const rows = JSON.parse((await inflate(chunk)).toString('utf8')) as [string, string, unknown][]
  return rows.map(([section, key, value]) => ({ section, key, value }))
}
