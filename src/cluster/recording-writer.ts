import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { writeAtomically } from '../util/atomic-file.ts'
import type { Clock } from '../util/clock.ts'
import { clusterUid, type ClusterLook } from './cluster-look.ts'
import { ClusterError, messageOf } from './errors.ts'
import type { AnyObject } from './kinds.ts'
import type { Looks } from './look.ts'
import type { Mirror } from './mirror.ts'
import { CHANGES_FILE, changeLine, looksPart, SNAPSHOT_FILE } from './recording.ts'
import { snapshotParts } from './snapshot-writer.ts'

export interface RecordingOptions {
  /** A directory that is there, without a recording in it. */
  readonly directory: string
  readonly clock: Clock
  /** Called once, when no more can be written: the disk is full, say. */
  readonly onFault: (error: ClusterError) => void
}

const NOTHING: Looks = { listed: new Map(), blind: new Map(), unnamed: 'not-listed' }

/** How many objects are written before others get their turn: about a millisecond's work. */
const TURN = 200

/** Keeps what reflectors see: once everything was seen, as a snapshot, and every change from then on as a line. The objects are the projected ones. */
export class RecordingWriter implements Mirror {
  readonly #options: RecordingOptions
  readonly #objects = new Map<string, AnyObject>()
  #looks = NOTHING
  #out: WriteStream | undefined
  #fault: ClusterError | undefined
  #changes = 0

  constructor(options: RecordingOptions) {
    this.#options = options
  }

  get objects(): number {
    return this.#objects.size
  }

  /** How many changes were written. */
  get changes(): number {
    return this.#changes
  }

  put(object: AnyObject): void {
    const { uid } = object.metadata
    this.#write({ type: this.#objects.has(uid) ? 'MODIFIED' : 'ADDED', object })
    this.#objects.set(uid, object)
  }

  remove(uid: string, witnessed: boolean): void {
    const gone = this.#objects.get(uid)
    if (!gone) return
    const { apiVersion, kind, metadata } = gone
    const { name, namespace } = metadata
    const object = { apiVersion, kind, metadata: { name, namespace, uid } }
    this.#write({ type: 'DELETED', object, ...(witnessed ? {} : { witnessed }) })
    this.#objects.delete(uid)
  }

  watch(looks: Looks): void {
    this.#looks = looks
    this.#write(looksPart(looks))
  }

  /** Writes what is held as the snapshot; from this call on changes are written down too. Gives how many objects it holds. */
  async begin(): Promise<number> {
    const { directory, clock } = this.#options
    const objects = [...this.#objects.values()]
    const look = { objects, looks: this.#looks, takenAt: clock.now(), cluster: clusterUid(objects) }
    this.#out = createWriteStream(join(directory, CHANGES_FILE), { flags: 'wx', mode: 0o600 })
    this.#out.on('error', (error) => this.#fail(error))
    await writeAtomically(join(directory, SNAPSHOT_FILE), await textOf(look), { replace: false })
    return objects.length
  }

  /**
   * Says in the recording that it goes as far as now, and closes it.
   * @throws ClusterError when a part of it could not be written.
   */
  async end(): Promise<void> {
    const out = this.#out
    if (!out) return
    this.#write({ type: 'END' })
    this.#out = undefined
    out.end()
    await finished(out).catch((error: unknown) => this.#fail(error))
    if (this.#fault) throw this.#fault
  }

  #write(what: Readonly<Record<string, unknown>>): void {
    if (!this.#out || this.#fault) return
    if (what['object'] !== undefined) this.#changes++
    this.#out.write(`${changeLine(this.#options.clock.now(), what)}\n`)
  }

  #fail(error: unknown): void {
    if (this.#fault) return
    this.#fault = new ClusterError(`${join(this.#options.directory, CHANGES_FILE)}: ${messageOf(error)}`)
    this.#options.onFault(this.#fault)
  }
}

async function textOf(look: Pick<ClusterLook, 'objects' | 'looks' | 'takenAt' | 'cluster'>): Promise<string> {
  const parts: string[] = []
  for (const part of snapshotParts(look)) {
    parts.push(part)
    if (parts.length % TURN === 0) await setImmediate()
  }
  return parts.join('')
}
