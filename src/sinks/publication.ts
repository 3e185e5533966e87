import type { FindingView } from './envelope.ts'
import { frame, listing, pageOf, viewFor, type Listing, type ListingSource, type Surroundings } from './listing.ts'
import { differenceOf, isDue, sameJson, wordsOf } from './publication-change.ts'
import { Entries, Entry } from './publication-entries.ts'
import {
  fitting,
  sees,
  type Changes,
  type PageQuestion,
  type Question,
  type Sight,
  type Tombstone,
} from './published.ts'
import { formatPlace, formatRevision, hashOf, parsePlace, parseRevision, type Place } from './revision.ts'
import { Waiters, type Waited } from './waiters.ts'

export interface PublicationOptions {
  /** Differs with each start of the process, so that a revision of another life is known as such. */
  readonly epoch: string
  readonly cluster: string
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** How many findings that are gone are remembered, for those who ask for changes. */
  readonly tombstones?: number | undefined
  /** How many may wait for a change at a time. */
  readonly waiters?: number | undefined
}

/** What has come out of the last evaluations. */
export interface PublicationUpdate extends Surroundings {
  /** Findings that are new, or that may differ from what was given before. */
  readonly changed: readonly FindingView[]
  /** Ids of findings that are over or dropped. */
  readonly gone: readonly string[]
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The revision is of another life, or too old: list again. */
export type Gone = 'gone'

interface Lost extends Tombstone {
  readonly changedIn: number
  readonly namespace: string | undefined
}

interface News {
  readonly moved: readonly { readonly before: FindingView | undefined; readonly after: FindingView }[]
  readonly lost: readonly Lost[]
  readonly around: boolean
}

// Before anything was looked at there is nothing to tell, and that must not read as if all were well.
const NOTHING: Surroundings = {
  unknown: [],
  scores: { health: 100, delivery: 100, storage: 100, scaling: 100, efficiency: 100 },
  incomplete: [{ resource: '*', reason: 'not-synced', detail: 'nothing was looked at yet' }],
}

/** What is current, with revisions: a quiet cluster stays at the one that it has. */
export class Publication {
  readonly #options: PublicationOptions
  readonly #entries = new Entries()
  readonly #waiters: Waiters<News>
  /** Evidence that is held back, by id. */
  readonly #held = new Map<string, FindingView>()
  #lost: Lost[] = []
  /** Up to here, what is gone is forgotten. */
  #forgotten = 0
  #n = 0
  #generatedAt: number
  #around = NOTHING
  #aroundAt = -Infinity
  #namespaces: { readonly n: number; readonly names: ReadonlySet<string> } | undefined

  constructor(options: PublicationOptions) {
    this.#options = options
    this.#waiters = new Waiters(options.waiters ?? 256)
    this.#generatedAt = options.now()
  }

  /** `<epoch>.<n>`: moves when something that people or tools act on has changed, and with evidence each 5 minutes at most. */
  get revision(): string {
    return this.#revision(this.#n)
  }

  /** How many findings are published. */
  get size(): number {
    return this.#entries.size
  }

  /** Namespaces that have findings. */
  namespaces(): ReadonlySet<string> {
    if (this.#namespaces?.n !== this.#n) {
      const names = new Set<string>()
      for (const { view } of this.#entries.sorted())
        if (view.target.namespace !== undefined) names.add(view.target.namespace)
      this.#namespaces = { n: this.#n, names }
    }
    return this.#namespaces.names
  }

  update({ changed, gone, at, ...around }: PublicationUpdate): void {
    const substance = this.#changes(changed, at)
    const lost = gone.flatMap((id) => this.#lose(id))
    const moved = [...substance, ...this.#overdue(at)]
    const news = {
      moved: moved.map((after) => ({ before: this.#entries.get(after.id)?.view, after })),
      lost,
      around: this.#differs(around, at),
    }
    if (moved.length + lost.length === 0 && !news.around) return
    this.#n++
    this.#generatedAt = at
    this.#entries.put(moved.map((view) => new Entry(view, this.#n, at)))
    if (news.around) this.#aroundAt = at
    this.#around = around
    this.#remember(lost)
    this.#waiters.tell(news)
  }

  /**
   * Findings by severity and id, a page at a time. Each page is of what is current, and tells the revision of the first: what has changed
   * since that revision makes all pages together what there is.
   */
  page(question: PageQuestion): Listing | Gone {
    const { filters = {}, sight = 'all', limit = Infinity, continue: token } = question
    const place = this.#placeOf(token, hashOf(filters, sight))
    if (!place) return 'gone'
    const fits = fitting(filters, sight)
    const { page, isLast } = pageOf(this.#entries.after(place.last), { limit, fits })
    const last = page.at(-1)?.view
    const next = isLast || !last ? null : formatPlace(place, last)
    const around = { ...frame(this.#source(sight)), revision: place.revision }
    return listing(around, page, { sight, next, find: (id) => this.#entries.get(id) })
  }

  /** Where to go on, or to begin; `undefined` when it is not known any more what has changed since the first page. */
  #placeOf(token: string | undefined, asked: string): Place | undefined {
    if (token === undefined) return { revision: this.revision, asked, last: undefined }
    const place = parsePlace(token, asked)
    return place && this.#known(place.revision) !== undefined ? place : undefined
  }

  /** The `n` of a revision since which everything is known that changed. */
  #known(revision: string): number | undefined {
    const n = parseRevision(this.#options.epoch, revision, this.#n)
    return n === undefined || n < this.#forgotten ? undefined : n
  }

  /** What has changed since a revision; what no longer fits the filters counts as gone. */
  since(revision: string, { filters = {}, sight = 'all' }: Question): Listing<Changes> | Gone {
    const n = this.#known(revision)
    if (n === undefined) return 'gone'
    const fits = fitting(filters, sight)
    const later = this.#entries
      .sorted()
      .filter(({ changedIn, view }) => changedIn > n && sees(sight, view.target.namespace))
    const strays = later.filter(({ view }) => !fits(view))
    const lost = this.#lost.filter(
      ({ id, namespace, changedIn }) => changedIn > n && sees(sight, namespace) && !this.#entries.get(id),
    )
    const tombstones = [
      ...lost.map(({ id, revision: last }) => ({ id, revision: last })),
      ...strays.map(({ view, changedIn }) => ({ id: view.id, revision: this.#revision(changedIn) })),
    ]
    const around = { ...frame(this.#source(sight)), since: revision, tombstones }
    const items = later.filter(({ view }) => fits(view))
    return listing<Changes>(around, items, { sight, find: (id) => this.#entries.get(id) })
  }

  /** One finding as JSON text; `undefined` when there is none, or none that may be seen. */
  find(id: string, sight: Sight = 'all'): string | undefined {
    const entry = this.#entries.get(id)
    if (!entry || !sees(sight, entry.view.target.namespace)) return undefined
    const view = viewFor(entry.view, sight, (cause) => this.#entries.get(cause))
    return JSON.stringify(view)
  }

  /** The namespace of a finding; `undefined` when there is none such. */
  namespaceOf(id: string): string | undefined {
    return this.#entries.get(id)?.view.target.namespace
  }

  /** Waits for the next revision that brings something for this question. */
  wait({ filters = {}, sight = 'all' }: Question, signal: AbortSignal): Promise<Waited> {
    const fits = fitting(filters, sight)
    return this.#waiters.wait(
      ({ moved, lost, around }) =>
        around ||
        moved.some(({ before, after }) => (before && fits(before)) || fits(after)) ||
        lost.some(({ namespace }) => sees(sight, namespace)),
      signal,
    )
  }

  #changes(changed: readonly FindingView[], at: number): FindingView[] {
    return changed.filter((view) => {
      const before = this.#entries.get(view.id)
      const difference = before ? differenceOf(before.view, view) : 'substance'
      const goesOut = difference === 'substance' || (difference === 'evidence' && isDue(before?.takenAt, at))
      if (goesOut || difference === 'none') this.#held.delete(view.id)
      else this.#held.set(view.id, view)
      return goesOut
    })
  }

  #overdue(at: number): FindingView[] {
    const due = [...this.#held.values()].filter(({ id }) => isDue(this.#entries.get(id)?.takenAt, at))
    for (const { id } of due) this.#held.delete(id)
    return due
  }

  #lose(id: string): Lost[] {
    this.#held.delete(id)
    const entry = this.#entries.delete(id)
    const changedIn = this.#n + 1
    return entry ? [{ id, changedIn, revision: this.#revision(changedIn), namespace: entry.view.target.namespace }] : []
  }

  #remember(lost: readonly Lost[]): void {
    this.#lost.push(...lost)
    const over = this.#lost.length - (this.#options.tombstones ?? 10_000)
    if (over <= 0) return
    const forgotten = this.#lost.splice(0, over)
    this.#forgotten = forgotten.at(-1)?.changedIn ?? this.#forgotten
  }

  #differs(around: Surroundings, at: number): boolean {
    if (!sameJson(wordsOf(this.#around), wordsOf(around))) return true
    return isDue(this.#aroundAt, at) && !sameJson(this.#around, around)
  }

  #source(sight: Sight): ListingSource {
    return {
      sight,
      cluster: this.#options.cluster,
      entries: this.#entries.sorted(),
      revision: this.revision,
      generatedAt: this.#generatedAt,
      surroundings: this.#around,
    }
  }

  #revision(n: number): string {
    return formatRevision(this.#options.epoch, n)
  }
}
