import type { AnyObject } from '../cluster/kinds.ts'
import type { OwnerPast, UsagePast } from './past.ts'
import { DAY } from './usage-days.ts'
import { UsageHistory, type Taken, type UsageSample, type UsageState } from './usage-history.ts'
import type { EndedRun, RunOfJob } from './usage-run-end.ts'
import { RunUsage, type RunsState } from './usage-runs.ts'

/** Containers of root owners beyond which no more are remembered, and kills for memory of each. */
const MOST_OWNERS = 50_000
const MOST_KILLS = 20
const KILLS_FOR = 14 * DAY
const GONE_FOR = DAY

// What Prometheus said of fourteen days is not much less true a day later.
const PREFERRED_FOR = 26 * 60 * 60 * 1000

type Kill = OwnerPast['outOfMemory'][number]

interface Owner {
  readonly name: string
  readonly container: string
  uid: string
  kills: readonly Kill[]
  usage: UsageHistory | undefined
  /** In place of `usage`, where Jobs run the container. */
  runs: RunUsage | undefined
  learnt: UsagePast | undefined
  /** Since when its object has been gone, or, after it was read back, not been seen. */
  goneAt: number | undefined
  past: OwnerPast
}

/** What is kept of one container of a root owner, as plain JSON. */
export interface OwnerState {
  readonly uid: string
  readonly container: string
  readonly kills: readonly Kill[]
  readonly usage?: UsageState | undefined
  readonly runs?: RunsState | undefined
}

/** What is remembered of a container over all pods of its root owner is read under this key from `Past.owner`. */
export const ownerKey = (owner: { readonly metadata: { readonly uid: string } }, container: string): string =>
  `${owner.metadata.uid}/${container}`

// By name, so that an owner that is made anew from the same manifest keeps what is known of its program.
const nameOf = ({ kind, metadata }: AnyObject, container: string): string =>
  `${kind}/${metadata.namespace ?? ''}/${metadata.name}/${container}`

/** What is remembered of containers of root owners: kills for memory, and usage. */
export class OwnerHistory {
  readonly #byName = new Map<string, Owner>()
  readonly #byUid = new Map<string, Map<string, Owner>>()

  owner(key: string): OwnerPast | undefined {
    const slash = key.lastIndexOf('/')
    return this.#byUid.get(key.slice(0, slash))?.get(key.slice(slash + 1))?.past
  }

  get size(): number {
    return this.#byName.size
  }

  /** An object changed: one that owns something here is there, or gone. */
  seen(uid: string, goneAt: number | undefined): void {
    for (const owner of this.#byUid.get(uid)?.values() ?? []) owner.goneAt = goneAt
  }

  /** @returns the key of the container, or `undefined` when that death is known already or there is no more room. */
  killed(root: AnyObject, container: string, kill: Kill): string | undefined {
    const owner = this.#of(root, container)
    if (!owner || owner.kills.some(({ at }) => at === kill.at)) return undefined
    owner.kills = [kill, ...owner.kills].toSorted((a, b) => b.at - a.at).slice(0, MOST_KILLS)
    return publish(owner)
  }

  /** Takes a sample of a container; `key` when what can be read of it has changed. */
  sampled(root: AnyObject, container: string, sample: UsageSample): { taken: Taken | 'too-many'; key?: string } {
    const owner = this.#of(root, container)
    if (!owner) return { taken: 'too-many' }
    if (sample.run) return sampledRun(owner, sample, sample.run)
    owner.usage ??= new UsageHistory(sample)
    const taken = owner.usage.add(sample)
    return taken === 'counted' && owner.usage.publish() ? { taken, key: publish(owner) } : { taken }
  }

  /** A run of a Job of this root owner is over; @returns the keys of containers of which something else can be read now. */
  ended(root: AnyObject, run: EndedRun): string[] {
    const owners = [...(this.#byUid.get(root.metadata.uid)?.values() ?? [])]
    return owners.filter(({ runs }) => runs?.ended(run) === true).map(publish)
  }

  /** Usage that somebody else has measured. */
  learnt(root: AnyObject, container: string, usage: UsagePast): string | undefined {
    const owner = this.#of(root, container)
    if (!owner) return undefined
    owner.learnt = usage
    return publish(owner)
  }

  #of(root: AnyObject, container: string): Owner | undefined {
    const name = nameOf(root, container)
    const found = this.#byName.get(name)
    if (!found && this.#byName.size >= MOST_OWNERS) return undefined
    const owner = found ?? made(name, root.metadata.uid, container)
    owner.goneAt = undefined
    if (!found || owner.uid !== root.metadata.uid) this.#place(owner, root.metadata.uid)
    return owner
  }

  #place(owner: Owner, uid: string): void {
    this.#unplace(owner)
    owner.uid = uid
    this.#byName.set(owner.name, owner)
    const containers = this.#byUid.get(uid) ?? new Map<string, Owner>()
    this.#byUid.set(uid, containers.set(owner.container, owner))
  }

  #unplace({ uid, container }: Owner): void {
    const containers = this.#byUid.get(uid)
    containers?.delete(container)
    if (containers?.size === 0) this.#byUid.delete(uid)
  }

  /** Drops owners that have been gone for a day, and kills of long ago. */
  sweep(now: number): string[] {
    const touched: string[] = []
    for (const owner of this.#byName.values()) {
      const kills = owner.kills.filter(({ at }) => now - at <= KILLS_FOR)
      const isGone = now - (owner.goneAt ?? now) > GONE_FOR
      if (isGone) {
        this.#unplace(owner)
        this.#byName.delete(owner.name)
      }
      if (!isGone && kills.length === owner.kills.length) continue
      owner.kills = kills
      touched.push(publish(owner))
    }
    return touched
  }

  *entries(): Iterable<readonly [key: string, owner: OwnerState]> {
    for (const [name, { uid, container, kills, usage, runs }] of this.#byName)
      yield [name, { uid, container, kills, usage: usage?.state(), runs: runs?.state() }]
  }

  restore(name: string, { uid, container, kills, ...state }: OwnerState, now: number): void {
    if (this.#byName.size >= MOST_OWNERS) return
    const usage = state.usage && UsageHistory.from(state.usage)
    const runs = state.runs && RunUsage.from(state.runs)
    const owner = { ...made(name, uid, container), kills, usage, runs, goneAt: now }
    this.#place(owner, uid)
    publish(owner)
  }
}

const made = (name: string, uid: string, container: string): Owner => ({
  name,
  uid,
  container,
  kills: [],
  usage: undefined,
  runs: undefined,
  learnt: undefined,
  goneAt: undefined,
  past: { outOfMemory: [], usage: undefined },
})

function sampledRun(owner: Owner, sample: UsageSample, run: RunOfJob): { taken: Taken; key?: string } {
  owner.runs ??= new RunUsage(sample)
  const taken = owner.runs.add(sample, run)
  return owner.runs.published === owner.past.usage ? { taken } : { taken, key: publish(owner) }
}

/** Makes readable what is known, as one object that does not change while nobody is told. */
function publish(owner: Owner): string {
  const { kills, learnt, uid, container } = owner
  const own = (owner.runs ?? owner.usage)?.published
  const usage = learnt && learnt.to >= (own?.to ?? 0) - PREFERRED_FOR ? learnt : own
  owner.past = { outOfMemory: kills, usage }
  return `${uid}/${container}`
}
