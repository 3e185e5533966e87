import type { Clock } from '../../util/clock.ts'
import { MINUTE } from '../../util/time.ts'
import { Api, StatusError } from '../api.ts'
import { discover, type Discovery } from '../discovery.ts'
import { projectObject } from '../dump.ts'
import { pathOf, targetOf } from '../kind-look.ts'
import { KINDS } from '../kinds.ts'
import { readVersion } from '../server-version.ts'
import type { Transport } from '../transport.ts'
import { isRaw } from './frame.ts'

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

  /** The uid of `kube-system`, which mostly can be read by who may not list namespaces; asked for until there is an answer. */
  async clusterId(): Promise<string | undefined> {
    const kind = KINDS.find(({ resource }) => resource === 'namespaces')
    if (kind === undefined || this.#askedForId) return undefined
    const target = targetOf(kind)
    const path = `${pathOf(target, undefined)}/kube-system`
    const found = await this.#api()
      .read({ path }, () => () => undefined)
      .catch(unlessRefused)
    this.#askedForId = true
    return isRaw(found) ? projectObject(target, found)?.metadata.uid : undefined
  }

  /** Whether `clusterId` had its answer, if only that it may not be read. */
  get askedForId(): boolean {
    return this.#askedForId
  }

  get #age(): number {
    const { at } = this.#discovery ?? {}
    return at === undefined ? Number.POSITIVE_INFINITY : Math.abs(this.#options.clock.now() - at)
  }

  #api(): Api {
    return new Api({ ...this.#options, tries: 1 })
  }
}

const REFUSALS = new Set([401, 403, 404])

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof StatusError) || !REFUSALS.has(error.status)) throw error
}
