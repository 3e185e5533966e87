import type { Unread } from '../cluster/cluster-look.ts'
import { score, type Scores } from '../findings/score.ts'
import { formatTime } from '../util/time.ts'
import { API_VERSION, type FindingView, type UnknownView } from './envelope.ts'
import type { Entry } from './publication-entries.ts'
import { sees, type Fits, type Published, type Sight } from './published.ts'

/** What is true of all findings together. */
export interface Surroundings {
  readonly unknown: readonly UnknownView[]
  readonly scores: Scores
  readonly incomplete: readonly Unread[]
}

/** What is current, ready to be sent: as data, and as JSON in pieces that are kept from one answer to the next. */
export interface Listing<T extends Published = Published> {
  readonly revision: string
  /** How many findings are in it. */
  readonly count: number
  readonly envelope: Omit<T, 'items' | 'next'> & Pick<Published, 'items' | 'next'>
  /** The same as JSON in UTF-8, in many small pieces. */
  json(): Iterable<Uint8Array>
}

export interface ListingSource {
  readonly cluster: string
  readonly revision: string
  /** Milliseconds since 1970. */
  readonly generatedAt: number
  readonly surroundings: Surroundings
  /** All that there are. */
  readonly entries: readonly Entry[]
  readonly sight: Sight
}

/** The envelope without findings: what this caller may know of all of them. */
export function frame(source: ListingSource): Omit<Published, 'items' | 'next'> {
  const { incomplete, ...told } = surroundingsFor(source)
  return {
    apiVersion: API_VERSION,
    cluster: source.cluster,
    revision: source.revision,
    generatedAt: formatTime(source.generatedAt),
    complete: incomplete.length === 0,
    incomplete,
    ...told,
    ...(source.sight === 'all' ? {} : { restricted: { namespaces: [...source.sight].toSorted() } }),
  }
}

/** Entries as they go out. An answer holds on to them, so that it stays whole while others change what is current. */
export function listing<T extends Published>(
  around: Omit<T, 'items' | 'next'>,
  entries: readonly Entry[],
  { sight, find, next = null }: Outgoing,
): Listing<T> {
  const viewOf = ({ view }: Entry): FindingView => viewFor(view, sight, find)
  const masked = new Map(entries.filter((entry) => viewOf(entry) !== entry.view).map((entry) => [entry, viewOf(entry)]))
  function* json(): Generator<Uint8Array> {
    yield Buffer.from(`${JSON.stringify(around).slice(0, -1)},"items":[`)
    for (const [i, entry] of entries.entries()) {
      if (i > 0) yield COMMA
      const view = masked.get(entry)
      yield view ? Buffer.from(JSON.stringify(view)) : entry.json
    }
    yield Buffer.from(`],"next":${JSON.stringify(next)}}\n`)
  }
  return {
    revision: around.revision,
    count: entries.length,
    // Most answers go out as bytes alone.
    get envelope() {
      const items = entries.map((entry) => masked.get(entry) ?? entry.view)
      return { ...around, items, next }
    },
    json,
  }
}

const COMMA = Buffer.from(',')

export interface Outgoing {
  readonly sight: Sight
  readonly find: (id: string) => Entry | undefined
  readonly next?: string | null
}

/** A finding as this caller may see it: the cause of it may lie where they may not look. */
export function viewFor(view: FindingView, sight: Sight, find: Outgoing['find']): FindingView {
  if (sight === 'all' || view.causedBy === null) return view
  return sees(sight, find(view.causedBy)?.view.target.namespace) ? view : { ...view, causedBy: null }
}

function surroundingsFor({ surroundings, entries, sight }: ListingSource): Surroundings {
  if (sight === 'all') return surroundings
  const unknown = surroundings.unknown.flatMap((one) => unknownFor(one, sight))
  const views = entries.map(({ view }) => view).filter(({ target }) => sees(sight, target.namespace))
  return {
    unknown,
    scores: score(views, unknown),
    // The server's words name namespaces and accounts; which kinds cannot be read is true for everybody.
    incomplete: surroundings.incomplete.map((one) => ({ ...one, detail: '' })),
  }
}

// Of the subjects only a sample is kept, so this tells at least what is known of these namespaces, and nothing of others.
function unknownFor({ detail: _detail, subjects, ...summary }: UnknownView, sight: Sight): UnknownView[] {
  const sample = subjects.sample.filter(({ namespace }) => sees(sight, namespace))
  return sample.length === 0 ? [] : [{ ...summary, subjects: { count: sample.length, sample } }]
}

/** So many of the first that fit, and whether these are all. */
export function pageOf(
  entries: Iterable<Entry>,
  { limit, fits }: { readonly limit: number; readonly fits: Fits },
): { readonly page: readonly Entry[]; readonly isLast: boolean } {
  const page: Entry[] = []
  for (const entry of entries) {
    if (!fits(entry.view)) continue
    if (page.length >= limit) return { page, isLast: false }
    page.push(entry)
  }
  return { page, isLast: true }
}
