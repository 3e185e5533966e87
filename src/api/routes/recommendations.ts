import type { Listing } from '../../sinks/listing.ts'
import type { Gone } from '../../sinks/publication.ts'
import { FILTERS, type Changes, type FilterName, type Filters, type Sight } from '../../sinks/published.ts'
import { hashOf } from '../../sinks/revision.ts'
import { parseDuration } from '../../util/duration.ts'
import { sha256 } from '../../util/hash.ts'
import { Refusal, unavailable } from '../errors.ts'
import { bad, type Query } from '../query.ts'
import { pieces } from '../respond.ts'
import type { Asked, Request, Route } from '../route.ts'
import { signalAfter } from '../waiting.ts'

/** What is asked for, in one form. */
interface Question {
  readonly filters: Filters
  readonly limit: number
  readonly continue: string | undefined
  readonly since: string | undefined
  /** Milliseconds. */
  readonly wait: number | undefined
}

const INSTEAD = { resolved: 'what is over is no longer listed; since=REVISION names it among its tombstones' }

/** `GET /recommendations`: what is wrong, and what to do about it. */
export const recommendations: Route = {
  path: '/recommendations',
  summary: 'Findings with their recommendations, by severity and id',
  guard: { resource: 'recommendations', namespaces: namespacesOf },
  parameters: [
    ...Object.entries(FILTERS).map(([name, values]) => ({
      name,
      values,
      list: true,
      instead: name === 'state' ? INSTEAD : undefined,
      description: `Only findings of this ${name}.`,
    })),
    { name: 'limit', description: 'Most findings of one page.' },
    { name: 'continue', description: 'The `next` of the page before.' },
    { name: 'since', description: 'A revision: only what has changed since then, and what is gone.' },
    { name: 'wait', description: 'A duration such as 30s: how long to wait for a change when there is none yet.' },
  ],
  answer: async (asked) => {
    const question = questionOf(asked)
    return question.since === undefined ? whole(asked, question) : changes(asked, question, question.since)
  },
}

function namespacesOf({ query, rooms: { publication, namespaces } }: Request): Iterable<string> {
  return query.get('namespace') ?? new Set([...publication.namespaces(), ...(namespaces?.() ?? [])])
}

async function whole(asked: Asked, question: Question): Promise<Response> {
  const { context, rooms } = asked
  const known = context.req.header('if-none-match')
  let { sight } = asked
  if (question.wait !== undefined && known === undefined) throw bad('wait', 'needs since, or If-None-Match')
  if (question.wait !== undefined && isKnown(known, tagOf(asked, question, sight)))
    sight = await waited(asked, question, question.wait)
  const etag = tagOf(asked, question, sight)
  if (isKnown(known, etag)) return context.body(null, 304, { etag })
  return pieces(context, present(rooms.publication.page({ ...question, sight })).json(), { etag })
}

async function changes(asked: Asked, question: Question, since: string): Promise<Response> {
  const { context, rooms } = asked
  const { filters, wait } = question
  let listing = present(rooms.publication.since(since, { filters, sight: asked.sight }))
  if (wait !== undefined && !brings(listing, question, asked.sight)) {
    const sight = await waited(asked, question, wait)
    listing = present(rooms.publication.since(since, { filters, sight }))
  }
  return pieces(context, listing.json())
}

/** Waits for news, for the time to be over, for the client to go or the API to stop; whichever it was, what is current is answered. */
async function waited(asked: Asked, { filters }: Question, ms: number): Promise<Sight> {
  const { rooms, context, sight } = asked
  const { signal, end } = signalAfter(rooms.clock, ms, [rooms.closing, context.req.raw.signal])
  const how = await rooms.publication.wait({ filters, sight }, signal).finally(end)
  if (how === 'busy') throw unavailable('busy', 'too many wait already; ask again without wait', 5)
  return asked.again()
}

// Somebody who asked for a part, or may see no more, is not told of what moves elsewhere.
function brings({ count, envelope }: Listing<Changes>, { filters }: Question, sight: Sight): boolean {
  const asksForAll = sight === 'all' && Object.keys(filters).length === 0
  return count + envelope.tombstones.length > 0 || (asksForAll && envelope.revision !== envelope.since)
}

function present<T extends Listing>(listing: T | Gone): T {
  if (listing === 'gone') throw new Refusal(410, 'gone', 'this revision is unknown, outdated or too old: list again')
  return listing
}

/** The same revision, question and rights give the same bytes. */
function tagOf({ rooms }: Asked, { filters, limit, continue: from }: Question, sight: Sight): string {
  const asked = sha256(`${hashOf(filters, sight)} ${limit} ${from ?? ''}`).slice(7, 23)
  return `"${rooms.publication.revision}-${asked}"`
}

/** `If-None-Match` compares weakly: a proxy that packs an answer may have made its tag weak. */
const isKnown = (known: string | undefined, etag: string): boolean =>
  known !== undefined && known.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()))

function questionOf({ query, rooms: { limits } }: Asked): Question {
  const one = (name: string): string | undefined => query.get(name)?.[0]
  const since = one('since')
  const other = ['continue', 'limit'].find((name) => query.has(name))
  if (since !== undefined && other !== undefined) throw bad(other, 'does not go with since')
  return {
    filters: filtersOf(query),
    limit: limitOf(one('limit'), limits),
    continue: one('continue'),
    since,
    wait: waitOf(one('wait'), limits.longestWait),
  }
}

function filtersOf(query: Query): Filters {
  const names = Object.keys(FILTERS).filter((name): name is FilterName => query.has(name))
  return Object.fromEntries(names.map((name) => [name, [...new Set(query.get(name))].toSorted()]))
}

function limitOf(text: string | undefined, { page, largestPage }: { page: number; largestPage: number }): number {
  if (text === undefined) return page
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > largestPage) throw bad('limit', `is not a number from 1 to ${largestPage}`)
  return limit
}

function waitOf(text: string | undefined, longest: number): number | undefined {
  if (text === undefined) return undefined
  const ms = text.length > 20 ? undefined : parseDuration(text)
  if (ms === undefined) throw bad('wait', 'is not a duration such as 30s')
  return Math.min(ms, longest)
}
