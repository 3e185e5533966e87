import type { Clock } from '../../util/clock.ts'
import { MINUTE } from '../../util/time.ts'
import { Api } from '../api.ts'
import { discover, type Discovery } from '../discovery.ts'
import { targetOf } from '../kind-look.ts'
import { KINDS } from '../kinds.ts'
import { clusterIdOf } from '../live-namespaces.ts'
import { readVersion } from '../server-version.ts'
import type { Transport } from '../transport.ts'

export interface KnowledgeOptions {
  readonly transport: Transport
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** How often the server is asked what it has: without need, and at most. */
const EVERY = 30 * MINUTE
const AGAIN = 5 * MINUTE

/** What a server tells of itself. */
export class ServerKnowledge {
  readonly #options: KnowledgeOptions
  #discovery: { readonly found: Discovery; readonly at: number } | undefined
  #version: string | undefined
  #askedForId = false

  constructor(options: KnowledgeOptions) {
    this.#options = options
  }

  /** Such as `v1.36.3`. */
  get version(): string | undefined {
    return this.#version
  }

  /** Whether it told all that it has. */
  get told(): boolean {
    return this.#discovery?.found.told === true
  }

  /** Whether what it has may have changed by now. */
  get old(): boolean {
    return this.#age > EVERY
  }

  /** What it has. `anew`: whether it may have something new, which is not asked for all the time. */
  async discovery(anew: boolean): Promise<Discovery> {
    const { found } = this.#discovery ?? {}
    if (found !== undefined && (!anew || this.#age < AGAIN)) return found
    const api = this.#api()
    const next = await discover(api)
    this.#version = (await readVersion(api)) ?? this.#version
    this.#discovery = { found: next, at: this.#options.clock.now() }
    return next
  }

  /** The uid of `kube-system`, which mostly can be read by who may not list namespaces; asked for once. */
  async clusterId(): Promise<string | undefined> {
    const kind = KINDS.find(({ resource }) => resource === 'namespaces')
    if (kind === undefined || this.#askedForId) return undefined
    this.#askedForId = true
    return clusterIdOf(this.#api(), [{ target: targetOf(kind), objects: [], listed: undefined, blind: undefined }])
  }

  get #age(): number {
    const { at } = this.#discovery ?? {}
    return at === undefined ? Number.POSITIVE_INFINITY : Math.abs(this.#options.clock.now() - at)
  }

  #api(): Api {
    return new Api({ ...this.#options, tries: 1 })
  }
}
