import { MINUTE } from '../../util/time.ts'
import { knownWorkloads, MOST_KINDS, nameOf, targetOf, tooManyKinds, type Named } from '../custom-kinds.ts'
import type { Discovery } from '../discovery.ts'
import { unheard, type Freshness } from '../freshness.ts'
import type { Target } from '../kind-look.ts'
import type { Blind } from '../look.ts'
import type { OwnerKinds } from './owner-kinds.ts'
import type { Roster } from './roster.ts'
import type { Watch } from './watch.ts'

export interface OwnerWatchOptions {
  readonly owners: OwnerKinds
  readonly roster: Roster
  readonly now: () => number
  readonly watchesOf: (target: Target) => readonly Watch[]
  /** What the server has; `anew` when it may have something new. */
  readonly discover: (anew: boolean) => Promise<Discovery>
}

interface Followed {
  readonly watches: readonly Watch[]
  /** Since when no object names it any more, in milliseconds. */
  idleSince: number | undefined
}

/** How long a kind is watched on after the last object that named it has gone: it may be between two runs. */
const LINGER = 10 * MINUTE

/** Watches the custom kinds that own something, for as long as they do, and the well-known ones always. */
export class OwnerWatch {
  readonly #options: OwnerWatchOptions
  readonly #known = new Set<string>()
  readonly #followed = new Map<string, Followed>()
  /** Kinds that own something and are not watched, with the reason; `undefined`: the server does not have them. */
  readonly #left = new Map<string, { readonly target: Target; readonly why: Blind } | undefined>()
  #seen = -1

  constructor(options: OwnerWatchOptions) {
    this.#options = options
  }

  /** Whether every kind that owns something is watched, or known not to be. */
  get complete(): boolean {
    return this.#seen === this.#options.owners.version
  }

  /** Whether something is watched that nothing names any more. */
  get lingers(): boolean {
    return [...this.#followed.values()].some(({ idleSince }) => idleSince !== undefined)
  }

  /** Kinds that are not watched though they own something. */
  left(): readonly { readonly target: Target; readonly why: Blind }[] {
    return [...this.#left.values()].filter((one) => one !== undefined)
  }

  /** A row for each of those, so that whoever asks how well is watched hears of them too. */
  freshness(): readonly Freshness[] {
    return this.left().map(({ target, why }) => unheard(target.resource, 'left-out', why.detail))
  }

  /** Watches what is well known and there. To be called again when the server may have something new. */
  async followKnown(discovery: Discovery): Promise<void> {
    for (const target of await knownWorkloads(discovery)) {
      const name = nameOf(target)
      if (this.#known.has(name) || this.#followed.has(name)) continue
      this.#known.add(name)
      for (const watch of this.#options.watchesOf(target)) this.#options.roster.add(watch)
    }
    this.#left.clear()
    this.#seen = -1
  }

  /** Begins to watch what owns something now, and ends what has not for a while. */
  async tend(): Promise<void> {
    const { owners, now } = this.#options
    const { version } = owners
    const wanted = owners.wanted()
    for (const [name, owner] of wanted) await this.#follow(name, owner)
    for (const name of this.#left.keys()) if (!wanted.has(name)) this.#left.delete(name)
    for (const [name, followed] of this.#followed) {
      followed.idleSince = wanted.has(name) ? undefined : (followed.idleSince ?? now())
      if (Math.abs(now() - (followed.idleSince ?? now())) > LINGER) await this.#leave(name, followed)
    }
    this.#seen = version
  }

  async #follow(name: string, owner: Named): Promise<void> {
    if (this.#known.has(name) || this.#followed.has(name) || this.#left.has(name)) return
    const { discover, watchesOf, roster } = this.#options
    const target = (await targetOf(await discover(false), owner)) ?? (await targetOf(await discover(true), owner))
    if (target === undefined) this.#left.set(name, undefined)
    else if (this.#followed.size >= MOST_KINDS) this.#left.set(name, { target, why: tooManyKinds(target) })
    else {
      const watches = watchesOf(target)
      this.#followed.set(name, { watches, idleSince: undefined })
      for (const watch of watches) roster.add(watch)
    }
  }

  async #leave(name: string, { watches }: Followed): Promise<void> {
    this.#followed.delete(name)
    for (const watch of watches) await this.#options.roster.remove(watch)
  }
}
