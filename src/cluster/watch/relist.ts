import { projectObject } from '../dump.ts'
import { Encoded } from '../encoded.ts'
import { messageOf } from '../errors.ts'
import type { AnyObject } from '../kinds.ts'
import { isRaw } from './frame.ts'
import type { Held } from './held.ts'
import { Turns } from './turns.ts'
import { isLater } from './versions.ts'

export interface RelistOptions {
  readonly held: Held
  readonly type: { readonly apiVersion: string; readonly kind: string }
  /** Hears of an object that cannot be read or stored: it is left out, and the rest goes on. */
  readonly onBad: (why: string) => void
}

/** What a whole list changed. `missed`: changes that should have been heard of before. */
export interface Differences {
  readonly changed: number
  readonly gone: number
  readonly missed: number
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The object as facts read it; an error is why it cannot be read. */
export function readObject(type: RelistOptions['type'], told: unknown): AnyObject | string {
  try {
    if (told instanceof Encoded) return projectObject(type, told) ?? NAMELESS
    const metadata = isRaw(told) ? told['metadata'] : undefined
    if (!isRaw(told) || !isRaw(metadata)) return 'an object has no metadata'
    if (!isText(metadata['uid']) || !isText(metadata['resourceVersion']))
      return 'an object has no uid or resourceVersion'
    return projectObject(type, told) ?? NAMELESS
  } catch (error) {
    return messageOf(error)
  }
}
const NAMELESS = 'an object has no name'

/**
 * A list of everything there is, set against what is held. Nothing is changed before the list is whole and known to be no older than what
 * was seen; only the very first one is stored as it comes, since it can take nothing back.
 */
export class Relist {
  readonly #options: RelistOptions
  readonly #seen = new Set<string>()
  readonly #pending: AnyObject[] = []
  readonly #first: boolean

  constructor(options: RelistOptions) {
    this.#options = options
    this.#first = options.held.version === undefined
  }

  get size(): number {
    return this.#seen.size
  }

  add(raw: unknown): void {
    const { held, type, onBad } = this.#options
    const object = readObject(type, raw)
    if (typeof object === 'string') return onBad(object)
    const { uid, resourceVersion } = object.metadata
    this.#seen.add(uid)
    if (held.versionOf(uid) === resourceVersion) return
    if (this.#first) this.#put(object)
    else this.#pending.push(object)
  }

  /** An object went away again while the list came. */
  drop({ uid }: { readonly uid: string }): void {
    this.#seen.delete(uid)
  }

  /** The list is whole, at this version. `cut`: but for those that were too many. */
  async finish({ version, cut }: { version: string; cut: boolean }, signal: AbortSignal): Promise<Differences> {
    const { held } = this.#options
    const before = held.version
    const turns = new Turns()
    const gone = cut ? [] : await goneFrom(held, (uid) => !this.#seen.has(uid), turns)
    const changed = this.#pending.filter(({ metadata }) => this.#seen.has(metadata.uid))
    const missed = changed.filter(({ metadata }) => !isAfter(metadata.resourceVersion, before)).length
    const steps = [...gone.map((uid) => () => this.#remove(uid)), ...changed.map((object) => () => this.#put(object))]
    for (const step of steps) {
      step()
      if (turns.object()) await turns.pass()
      signal.throwIfAborted()
    }
    held.listed(version)
    // The watch that it began with goes on for minutes, and would keep all of this.
    this.#seen.clear()
    this.#pending.length = 0
    return { changed: changed.length, gone: gone.length, missed }
  }

  #put(object: AnyObject): void {
    this.#survive(() => this.#options.held.put(object))
  }

  #remove(uid: string): void {
    this.#survive(() => this.#options.held.remove(uid, false))
  }

  #survive(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.onBad(messageOf(error))
    }
  }
}

/** What is held and is so no longer. */
export async function goneFrom(held: Held, isGone: (uid: string) => boolean, turns: Turns): Promise<string[]> {
  const gone: string[] = []
  for (const uid of held.uids()) {
    if (isGone(uid)) gone.push(uid)
    if (turns.lookup()) await turns.pass()
  }
  return gone
}

const isAfter = (version: string | undefined, before: string | undefined): boolean =>
  version === undefined || before === undefined || isLater(version, before)
