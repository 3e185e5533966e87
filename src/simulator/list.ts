import { sleep, type Clock } from '../util/clock.ts'
import type { Answer } from './answer.ts'
import { storedAs } from './events.ts'
import type { Exchange, Route } from './exchange.ts'
import type { ListOptions } from './list-options.ts'
import { isJson, jsonOf, textOf, type Json, type KubeObject, type TypeName } from './object.ts'
import { fieldSelector, labelSelector, type Selects } from './selectors.ts'
import type { ObjectShape } from './shape.ts'
import { keyOf } from './shelf.ts'
import { badRequest, expired, failure, Refusal } from './status.ts'
import type { ObjectTable } from './table.ts'

const TOKEN_VERSION = 'meta.k8s.io/v1'
/** How long the server waits for a revision that is not there yet. */
const PATIENCE = 3000
/** Beyond so many objects the server does not count how many are left. */
const MOST_COUNTED = 5000
const TOO_OLD = 'The resourceVersion for the provided list is too old.'
const TOKEN_TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.'

export interface ListSource {
  readonly table: ObjectTable
  readonly clock: Clock
}

/** What a list or watch selects within its kind and namespace. */
export function selection({ query }: Pick<Exchange, 'query'>, { kind, namespace }: Route): Selects {
  const labels = labelSelector(query['labelSelector'])
  const fields = fieldSelector(kind, query['fieldSelector'])
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && labels(object) && fields(object)
}

/** Where a page begins, and of which revision; -1 stands for whatever is now. */
interface Token {
  readonly rv: number
  readonly start: string
}

interface Begin {
  readonly revision: number
  readonly from: string
  readonly objects: Iterable<KubeObject>
}

/**
 * A list, or a page of one.
 * @throws Refusal 400 for a broken token, 410 for one that is too old, 504 for a revision that does not come.
 */
export async function listObjects(
  source: ListSource,
  exchange: Exchange,
  { route, options, shape }: { readonly route: Route; readonly options: ListOptions; readonly shape: ObjectShape },
): Promise<Answer> {
  const { table } = source
  const type = storedAs(route.kind)
  const selects = selection(exchange, route)
  const whole = !exchange.query['labelSelector'] && !exchange.query['fieldSelector']
  await arrival(source, options.resourceVersion, exchange.signal)
  const { revision, objects } = begin(table, route, options)
  const { page, left } = takePage(objects, selects, {
    namespace: route.namespace,
    limit: options.limit,
    count: table.size(type) <= MOST_COUNTED,
  })
  const last = page.at(-1)
  const more = left > 0 && last !== undefined
  const metadata = {
    resourceVersion: String(revision),
    ...(more ? { continue: tokenAfter(revision, keyOfObject(last)) } : {}),
    ...(more && whole && table.size(type) <= MOST_COUNTED ? { remainingItemCount: left } : {}),
  }
  const items = page.values().map(shape.item)
  return { status: 200, list: { kind: shape.listKind, apiVersion: shape.listVersion, metadata, objects: items } }
}

const keyOfObject = ({ metadata }: KubeObject): string => keyOf(metadata.namespace, metadata.name)

interface PageWish {
  readonly namespace: string | undefined
  readonly limit: number | undefined
  /** Whether to go on to the end, to say how many are left. */
  readonly count: boolean
}

function takePage(
  objects: Iterable<KubeObject>,
  selects: Selects,
  { namespace, limit = Number.POSITIVE_INFINITY, count }: PageWish,
): { page: KubeObject[]; left: number } {
  const page: KubeObject[] = []
  let left = 0
  for (const object of objects) {
    if (left > 0 && !count) break
    if (namespace !== undefined && (object.metadata.namespace ?? '') > namespace) break
    if (!selects(object)) continue
    if (page.length < limit) page.push(object)
    else left++
  }
  return { page, left }
}

function begin(table: ObjectTable, { kind: shown, namespace }: Route, options: ListOptions): Begin {
  const kind = storedAs(shown)
  const from = namespace === undefined ? '' : `${namespace}/`
  if (options.continue !== undefined) return continued(table, kind, readToken(options.continue))
  const { resourceVersion, match } = options
  const revision = match === 'Exact' ? (resourceVersion ?? table.revision) : table.revision
  const objects = table.scan(kind, revision, from)
  if (objects === undefined) throw new Refusal(410, expired(TOO_OLD))
  return { revision, objects, from }
}

function continued(table: ObjectTable, kind: TypeName, { rv, start }: Token): Begin {
  const revision = rv < 0 ? table.revision : rv
  const objects = revision > table.revision ? undefined : table.scan(kind, revision, start)
  if (objects !== undefined) return { revision, objects, from: start }
  const metadata = { continue: encodeToken({ rv: -1, start }) }
  throw new Refusal(410, { ...expired(TOKEN_TOO_OLD), metadata })
}

// A key that ends in NUL is the very next one.
const tokenAfter = (rv: number, key: string): string => encodeToken({ rv, start: `${key}\u0000` })

const encodeToken = ({ rv, start }: Token): string =>
  Buffer.from(JSON.stringify({ v: TOKEN_VERSION, rv, start })).toString('base64url')

const BASE64URL = /^[-\w]*$/

function readToken(text: string): Token {
  const bad = (why: string): Refusal => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  if (!BASE64URL.test(text)) throw bad(`illegal base64 data at input byte ${text.search(/[^-\w]/)}`)
  let token: unknown
  try {
    token = JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    throw bad('it is no JSON')
  }
  if (
    isJson(token) &&
    token['v'] === TOKEN_VERSION &&
    typeof token['rv'] === 'number' &&
    typeof token['start'] === 'string'
  )
    return { rv: token['rv'], start: token['start'] }
  throw bad(`server does not recognize this encoded version ${textOf(jsonOf(token)['v']) ?? ''}`)
}

/** Waits a little for a revision that the server has not seen. */
async function arrival(source: ListSource, revision: number | undefined, signal: AbortSignal): Promise<void> {
  if (await seen(source, revision, signal)) return
  throw new Refusal(504, tooLarge(revision ?? 0, source.table), { 'retry-after': '1' })
}

/** Whether a revision has come, at once or within a little while. */
export async function seen(
  { table, clock }: ListSource,
  revision: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (revision === undefined || revision <= table.revision) return true
  await sleep(clock, PATIENCE, signal)
  return revision <= table.revision
}

/** What is said of a revision that does not come. */
export function tooLarge(revision: number, table: ObjectTable): Json {
  const message = `Timeout: Too large resource version: ${revision}, current: ${table.revision}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return failure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 })
}
