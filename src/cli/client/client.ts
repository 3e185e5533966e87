import type { FindingView } from '../../sinks/envelope.ts'
import type { Changes, Filters, Published } from '../../sinks/published.ts'
import type { Status } from '../../sinks/status.ts'
import { SECOND } from '../../util/time.ts'
import type { Clock } from '../../util/clock.ts'
import { oneLine } from '../errors.ts'
import type { Address } from './address.ts'
import { readChanges, readFinding, readPublished, readRefusal, readStatus } from './answers.ts'
import { merged } from './merge.ts'
import { ask, DaemonError, type Answer } from './request.ts'

/** What a daemon says when a revision is of another life, or too old. */
export type Gone = 'gone'

interface ClientOptions {
  readonly address: Address
  readonly clock: Clock
  readonly signal: AbortSignal
}

type Query = readonly (readonly [name: string, value: string])[]

/** How long an answer may take, in milliseconds, beside what it was asked to wait. */
const PATIENCE = 15 * SECOND
const PAGE = 500
const MOST_PAGES = 200
/** How often a list is begun anew when the daemon was, while it was read. */
const TRIES = 3

/** Asks a running daemon. */
export class DaemonClient {
  readonly #options: ClientOptions

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** Its address, as messages name it. */
  get url(): string {
    return this.#options.address.url
  }

  async status(): Promise<Status> {
    const answer = await this.#ask('/status', [])
    return this.#read(answer, readStatus)
  }

  /** The same; `undefined` for somebody who may read the findings of some namespaces and nothing else. */
  async statusIfAllowed(): Promise<Status | undefined> {
    const answer = await this.#ask('/status', [])
    return answer.status === 403 ? undefined : this.#read(answer, readStatus)
  }

  /** All findings that fit, whatever the number of pages. */
  async list(filters: Filters): Promise<Published> {
    for (let left = TRIES; left > 0; left--) {
      const whole = await this.#pages(filters)
      if (whole !== 'gone') return whole
    }
    throw new DaemonError(
      `${this.url}: the daemon begins anew each time that its findings are listed\ndogwatch status tells how it is`,
      true,
    )
  }

  /** One finding by its whole id; `undefined` when there is none. */
  async find(id: string): Promise<FindingView | undefined> {
    const answer = await this.#ask(`/findings/${encodeURIComponent(id)}`, [])
    return answer.status === 404 ? undefined : this.#read(answer, readFinding)
  }

  /** What has changed since a revision; where nothing has, after `waitMs` milliseconds. */
  async changes(revision: string, filters: Filters, waitMs: number): Promise<Changes | Gone> {
    const wait: Query = waitMs > 0 ? [['wait', `${waitMs / SECOND}s`]] : []
    const query: Query = [['since', revision], ...wait, ...queryOf(filters)]
    const answer = await this.#ask('/recommendations', query, waitMs)
    return answer.status === 410 ? 'gone' : this.#read(answer, readChanges)
  }

  async #pages(filters: Filters): Promise<Published | Gone> {
    const items: FindingView[] = []
    let first: Published | undefined
    let next: string | undefined
    for (let page = 0; page < MOST_PAGES; page++) {
      const place: Query = next === undefined ? [] : [['continue', next]]
      const answer = await this.#ask('/recommendations', [['limit', String(PAGE)], ...queryOf(filters), ...place])
      if (answer.status === 410) return 'gone'
      const read = this.#read(answer, readPublished)
      items.push(...read.items)
      first ??= read
      if (read.next === null) return page === 0 ? read : this.#settled({ ...first, items, next: null }, filters)
      next = read.next
    }
    throw new DaemonError(`${this.url}: the list of findings does not end`, false)
  }

  // Each page was of another moment: a finding may be on two of them, or on none.
  async #settled(pages: Published, filters: Filters): Promise<Published | Gone> {
    const changes = await this.changes(pages.revision, filters, 0)
    return changes === 'gone' ? changes : { ...merged(pages, changes), next: null }
  }

  #ask(path: string, query: Query, waitMs = 0): Promise<Answer> {
    const { address, clock, signal } = this.#options
    return ask(address, { path, query, within: waitMs + PATIENCE, signal }, clock)
  }

  #read<T>({ status, text }: Answer, read: (json: unknown) => T | undefined): T {
    if (status !== 200) throw this.#refusal(status, text)
    const found = read(parsed(text))
    if (found !== undefined) return found
    throw new DaemonError(
      `${this.url}: what answers there is no dogwatch daemon, or one of another version\nis the address right? \`dogwatch status\` shows the version`,
      false,
    )
  }

  #refusal(status: number, text: string): DaemonError {
    const message = oneLine(readRefusal(parsed(text))?.error.message ?? '') || `HTTP status ${status}`
    const way = WAYS.get(status)
    return new DaemonError(
      `${this.url}: ${message}${way === undefined ? '' : `\n${way}`}`,
      status >= 500 || status === 429,
    )
  }
}

const WAYS: ReadonlyMap<number, string> = new Map([
  [401, 'it asks for a token: --token-file FILE, or DOGWATCH_TOKEN'],
  [403, 'the token is good, but its owner may not read this'],
  [404, 'is the address right, and is it the daemon of this version?'],
  [421, 'ask it by a name that `server.hosts` of its configuration holds'],
])

const queryOf = (filters: Filters): Query =>
  Object.entries(filters).flatMap(([name, values]) => values.map((value) => [name, value] as const))

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
