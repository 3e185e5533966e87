import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lines, LongLineError } from '../util/lines.ts'
import { formatBytes } from '../util/quantity.ts'
import type { ClusterLook } from './cluster-look.ts'
import { lookAtDump } from './dump-look.ts'
import { DumpError, projectObject } from './dump.ts'
import { codeOf, foreign, messageOf } from './errors.ts'
import type { AnyObject } from './kinds.ts'
import { annotationsOf, readAnnotations } from './look-annotations.ts'
import type { Looks } from './look.ts'
import { object } from './projection/object.ts'
import { map, string } from './projection/shape.ts'

export const SNAPSHOT_FILE = 'snapshot.json'
export const CHANGES_FILE = 'watch.jsonl'

/** A recording that cannot be read. The message begins with the file and the line. */
export class RecordingError extends DumpError {}

/** What happened next in a recording. `time`: nothing, but time went on. */
export type RecordedEvent =
  | { readonly type: 'put'; readonly object: AnyObject }
  | { readonly type: 'remove'; readonly uid: string; readonly witnessed: boolean }
  | { readonly type: 'looks'; readonly looks: Looks }
  | { readonly type: 'time' }

/** An event with its time, in milliseconds since 1970. */
export type RecordedChange = { readonly at: number } & RecordedEvent

/** What a cluster was, and how it changed from there. */
export interface Recording {
  readonly look: ClusterLook
  /**
   * The changes in their order, read while they are asked for. Time does not go back in them.
   * @throws RecordingError at the line that cannot be read.
   */
  changes(): AsyncGenerator<RecordedChange>
}

/** Longest line, in bytes: an object of an API server and what stands around it. */
const LONGEST_LINE = 4 * 2 ** 20

/** A line that says to be further from the snapshot, in milliseconds, is wrong: to play it would never end. */
const LONGEST_RECORDING = 31 * 86_400_000

/**
 * Opens the recording in a directory. `now` (milliseconds) stands in for a snapshot that does not tell its time.
 * @throws RecordingError when there is no snapshot in it, or one that cannot be read.
 */
export async function openRecording(directory: string, { now }: { readonly now: number }): Promise<Recording> {
  const file = join(directory, SNAPSHOT_FILE)
  const text = await readFile(file, 'utf8').catch((error: unknown) => refuse(directory, file, error))
  const look = lookAtDump([{ file, text }], { complete: false, now })
  return { look, changes: () => changesIn(join(directory, CHANGES_FILE), look) }
}

function refuse(directory: string, file: string, error: unknown): never {
  if (codeOf(error) === 'ENOENT')
    throw new RecordingError(`${directory}: no recording: there is no ${SNAPSHOT_FILE} in it`)
  throw new RecordingError(`${file}: ${messageOf(error)}`)
}

/** One change as a line, without its end. `at` is in milliseconds since 1970. */
export const changeLine = (at: number, what: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ at: new Date(at).toISOString(), ...what })

/** How completely the kinds are looked at from then on, as a part of a line. */
export const looksPart = (looks: Looks): Readonly<Record<string, unknown>> => ({
  type: 'LOOKS',
  annotations: annotationsOf({ looks, takenAt: 0, cluster: undefined }),
})

async function* changesIn(file: string, look: ClusterLook): AsyncGenerator<RecordedChange> {
  let { looks } = look
  let latest = look.takenAt
  for await (const { number, text } of linesOf(file)) {
    const fail = (message: string): never => {
      throw new RecordingError(`${file}:${number}: ${message}`)
    }
    const line =
      readLine(text) ??
      fail(
        `cut off, or not JSON: ${foreign(text.slice(0, 60))}; without this line, what stands before it can be played`,
      )
    const at = Date.parse(line.at ?? '')
    if (Number.isNaN(at)) fail('"at" is no time such as 2026-11-21T10:00:00.000Z')
    if (at - look.takenAt > LONGEST_RECORDING) fail(`"at" is more than 31 days after the snapshot`)
    // A clock that was set back while the recording was made.
    latest = Math.max(latest, at)
    const event =
      eventOf(line, looks) ?? fail(`no event of a watch: "type" and "object" with kind and name are expected`)
    if (event.type === 'looks') looks = event.looks
    yield { at: latest, ...event }
  }
}

const shaped = object({
  at: string,
  /** The API path that was watched, where a line holds an event as the server sent it. */
  path: string,
  type: string,
  annotations: map(string),
})
const typed = object({ apiVersion: string, kind: string })
const finalWord = object({ witnessed: (raw) => (raw === false ? false : undefined) })

interface Line extends NonNullable<ReturnType<typeof shaped>> {
  readonly object: unknown
  readonly witnessed: boolean
}

function readLine(text: string): Line | undefined {
  const raw = parsed(text)
  const outer = shaped(raw)
  if (!outer) return undefined
  const event = record(raw)['event'] ?? raw
  const { type } = shaped(event) ?? {}
  return {
    ...outer,
    ...(type === undefined ? {} : { type }),
    object: record(event)['object'],
    witnessed: finalWord(raw)?.witnessed ?? true,
  }
}

const record = (raw: unknown): Readonly<Record<string, unknown>> =>
  typeof raw === 'object' && raw !== null ? (raw as Readonly<Record<string, unknown>>) : {}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const EVENTS: Readonly<Record<string, (line: Line, looks: Looks) => RecordedEvent | undefined>> = {
  ADDED: put,
  MODIFIED: put,
  DELETED: (line) => {
    const uid = objectOf(line)?.metadata.uid
    return uid === undefined ? undefined : { type: 'remove', uid, witnessed: line.witnessed }
  },
  BOOKMARK: () => ({ type: 'time' }),
  END: () => ({ type: 'time' }),
  ERROR: lost,
  LOOKS: ({ annotations }) => {
    const { looks } = readAnnotations(annotations)
    return looks && { type: 'looks', looks }
  },
}

const eventOf = (line: Line, looks: Looks): RecordedEvent | undefined =>
  line.type !== undefined && Object.hasOwn(EVENTS, line.type) ? EVENTS[line.type]?.(line, looks) : undefined

function put(line: Line): RecordedEvent | undefined {
  const found = objectOf(line)
  return found && { type: 'put', object: found }
}

function objectOf({ object: raw }: Line): AnyObject | undefined {
  const { apiVersion, kind } = typed(raw) ?? {}
  return apiVersion === undefined || kind === undefined ? undefined : projectObject({ apiVersion, kind }, record(raw))
}

const PATH = /^\/(?:api\/v1|apis\/([^/]+)\/[^/]+)(?:\/namespaces\/[^/]+)?\/([^/]+)$/

// The server ended this watch, and whoever recorded did not begin it again: from here on nothing is known of the kind.
function lost({ path = '' }: Line, looks: Looks): RecordedEvent {
  const [, group, plural] = PATH.exec(path) ?? []
  if (plural === undefined) return { type: 'time' }
  const resource = group === undefined ? plural : `${plural}.${group}`
  const listed = new Map([...looks.listed].filter(([name]) => name !== resource))
  const detail = `${resource}: the recording of it ends here`
  return {
    type: 'looks',
    looks: { ...looks, listed, blind: new Map([...looks.blind, [resource, { unknown: 'stale', detail }]]) },
  }
}

async function* linesOf(file: string): AsyncGenerator<{ readonly number: number; readonly text: string }> {
  let number = 0
  try {
    for await (const text of lines(createReadStream(file), LONGEST_LINE)) {
      number++
      if (text !== '') yield { number, text }
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    if (error instanceof LongLineError)
      throw new RecordingError(`${file}:${number + 1}: a line of more than ${formatBytes(LONGEST_LINE)}`)
    throw new RecordingError(`${file}: ${messageOf(error)}`)
  }
}
