import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

const HOME = join(import.meta.dirname, '../cluster/binary')

/** One event of a watch as a real API server sent it, in both forms. */
export interface Twice {
  readonly binary: Buffer
  readonly json: string
}

/** With `UPDATE_GOLDEN` set, keeps of a kind those events that have a field that none before had. */
export function keep(resource: string, events: readonly Twice[]): void {
  if (!process.env['UPDATE_GOLDEN']) return
  const known = new Set<string>()
  const telling = events.filter(({ json }) => {
    const fresh = pathsIn(JSON.parse(json)).filter((path) => !known.has(path))
    for (const path of fresh) known.add(path)
    return fresh.length > 0
  })
  mkdirSync(HOME, { recursive: true })
  const lines = telling.map(({ binary, json }) => JSON.stringify({ binary: binary.toString('base64'), json }))
  writeFileSync(join(HOME, `${resource}.jsonl.gz`), gzipSync(lines.join('\n')))
}

/** What was kept, by the name of the kind. */
export const kept = (): ReadonlyMap<string, readonly Twice[]> =>
  new Map(
    readdirSync(HOME)
      .toSorted()
      .map((file) => [file.replace('.jsonl.gz', ''), eventsIn(join(HOME, file))]),
  )

const eventsIn = (file: string): Twice[] =>
  gunzipSync(readFileSync(file))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { binary, json } = JSON.parse(line) as { binary: string; json: string }
      return { binary: Buffer.from(binary, 'base64'), json }
    })

// Keys of maps are names that a user gave, and managed fields say everything once more.
const FREE = /^(labels|annotations|matchLabels|nodeSelector|managedFields|metadata\.managedFields)$/

/** The places in a JSON value, places in lists counted as one; with whether there is something at all. */
function pathsIn(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item) => pathsIn(item, `${path}[]`))]
  if (typeof value !== 'object' || value === null) return [`${path} ${value ? 'some' : 'none'}`]
  return Object.entries(value).flatMap(([key, item]) =>
    FREE.test(key) ? [`${path}.${key}`] : pathsIn(item, `${path}.${key}`),
  )
}
