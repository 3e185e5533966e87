import type { Exchange, Verb } from './exchange.ts'

/** Why an answer ended. `whole`: all of it was read. `cut`: a fault ended it early, as if it were whole. `left`: the client went. */
export type Ending = 'whole' | 'cut' | 'left' | 'reset' | 'refused' | 'slow' | 'failed'

/** What the server was asked, and what came of it. Times are milliseconds since 1970. */
export interface LoggedRequest {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly verb: Verb
  /** `plural.group`, empty when the path is of none. */
  readonly resource: string
  readonly namespace: string | undefined
  /** The text that was sent along. */
  readonly sent: string
  readonly user: string | undefined
  /** 0 while there is no answer. */
  readonly status: number
  /** Bytes of the answer so far, before compression. */
  readonly bytes: number
  readonly endedAt: number | undefined
  readonly ended: Ending | undefined
}

type Entry = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] }

/** Notes what becomes of one request. */
export interface LogEntry {
  user(name: string): void
  answered(status: number): void
  sent(bytes: number): void
  end(how: Ending): void
}

/** What is looked for; what is left out does not matter. */
export interface LogQuery {
  readonly method?: string | undefined
  readonly resource?: string | undefined
  readonly namespace?: string | undefined
  readonly verb?: Verb | undefined
  readonly status?: number | undefined
  readonly user?: string | undefined
  /** From this time on, in milliseconds since 1970. */
  readonly from?: number | undefined
  /** Before this time. */
  readonly to?: number | undefined
  readonly where?: ((entry: LoggedRequest) => boolean) | undefined
}

const MOST = 100_000
const WRITES = new Set<Verb>(['create', 'update', 'patch', 'delete', 'deletecollection'])
const REVIEWS = /\/(?:tokenreviews|(?:self|local)?subject(?:access|rules)?reviews)$/

/** Every request that the server was sent, in order; of very many, the last ones. */
export class RequestLog {
  readonly #now: () => number
  #entries: Entry[] = []
  #total = 0

  constructor(now: () => number) {
    this.#now = now
  }

  get entries(): readonly LoggedRequest[] {
    return this.#entries
  }

  /** How many there were, forgotten ones among them. */
  get total(): number {
    return this.#total
  }

  /** Requests that change something: reviews do not, dry runs are asked to. */
  get writes(): readonly LoggedRequest[] {
    return this.#entries.filter(({ verb, path }) => WRITES.has(verb) && !REVIEWS.test(path))
  }

  find(query: LogQuery = {}): readonly LoggedRequest[] {
    const { from = 0, to = Number.POSITIVE_INFINITY, where = () => true, ...fields } = query
    const wanted = Object.entries(fields).filter(([, value]) => value !== undefined)
    return this.#entries.filter(
      (entry) =>
        entry.at >= from &&
        entry.at < to &&
        wanted.every(([name, value]) => Object.entries(entry).some(([key, is]) => key === name && is === value)) &&
        where(entry),
    )
  }

  count(query: LogQuery = {}): number {
    return this.find(query).length
  }

  /** Requests in a second, over a span of time in milliseconds since 1970. */
  rate(from: number, to: number, query: LogQuery = {}): number {
    return (this.count({ ...query, from, to }) * 1000) / (to - from)
  }

  /** Answers that are still being sent. */
  open(query: LogQuery = {}): readonly LoggedRequest[] {
    return this.find(query).filter(({ ended }) => ended === undefined)
  }

  clear(): void {
    this.#entries = []
  }

  /** Notes a request that has come. */
  begin({ method, path, query, verb, resource, route, body }: Omit<Exchange, 'signal' | 'headers'>): LogEntry {
    const at = this.#now()
    const asked = { at, method, path, query, verb, resource, namespace: route?.namespace, sent: body }
    const entry: Entry = { ...asked, user: undefined, status: 0, bytes: 0, endedAt: undefined, ended: undefined }
    this.#entries.push(entry)
    this.#total++
    if (this.#entries.length > MOST) this.#entries = this.#entries.slice(MOST / 2)
    return {
      user: (name) => void (entry.user = name),
      answered: (status) => void (entry.status = status),
      sent: (bytes) => void (entry.bytes += bytes),
      end: (how) => {
        entry.ended ??= how
        entry.endedAt ??= this.#now()
      },
    }
  }
}
