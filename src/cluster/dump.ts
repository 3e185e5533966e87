import { readAs, type Encoded, type Raw } from './encoded.ts'
import { CUSTOM, KINDS, standInUid, type AnyObject } from './kinds.ts'
import type { Blind, Looks, Where } from './look.ts'
import { readAnnotations, type Said } from './look-annotations.ts'
import type { Projected } from './projection/shape.ts'
import { kindOf } from './store.ts'

/** A dump that cannot be read: which one, and why. */
export class DumpError extends Error {}

/** What a dump holds and what it says about itself. */
export interface Dump {
  readonly objects: readonly AnyObject[]
  readonly looks: Looks
  /** When it was taken, in milliseconds; `undefined` when it does not say. */
  readonly recordedAt: number | undefined
  /** What the cluster calls itself; `undefined` when it does not say. */
  readonly cluster: string | undefined
  /** Whether it says what was looked at; without that, what is missing is unknown. */
  readonly annotated: boolean
}

export interface DumpOptions {
  /** The user's word that everything is in the dump: a kind without objects has none. */
  readonly complete: boolean
}

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value)

/** One JSON document of a dump: a `List` of objects, or a single object. */
export interface Document {
  readonly name: string
  readonly json: unknown
}

/**
 * Reads documents written by `kubectl get -o json`, `dogwatch snapshot` or by hand.
 * @throws DumpError when a document is no Kubernetes object or an item has no kind or name.
 */
export function readDump(documents: readonly Document[], options: DumpOptions): Dump {
  const lists = documents.map(readDocument)
  const objects = lists.flatMap((list) => list.objects)
  const times = lists.map((list) => list.recordedAt).filter((at) => at !== undefined)
  return {
    objects,
    annotated: lists.length > 0 && lists.every((list) => list.looks !== undefined),
    recordedAt: times.length > 0 ? Math.max(...times) : undefined,
    cluster: lists.map((list) => list.cluster).find((name) => name !== undefined),
    looks: options.complete ? everything(objects) : merge(lists),
  }
}

interface List extends Said {
  readonly objects: readonly AnyObject[]
}

function readDocument({ name, json }: Document): List {
  if (!isRaw(json)) throw new DumpError(`${name}: not a Kubernetes object or List`)
  const list = Array.isArray(json['items']) ? json['items'] : undefined
  const metadata = list && isRaw(json['metadata']) ? json['metadata'] : {}
  const items = list ?? [json]
  return {
    ...readAnnotations(metadata['annotations']),
    objects: items.map((item, i) => readObject(item, `${name}: item ${i}`, itemType(json))),
  }
}

// The API server's typed list (`PodList`) leaves kind and apiVersion out of its items.
function itemType(list: Raw): { apiVersion?: unknown; kind?: unknown } {
  const kind = list['kind']
  if (typeof kind !== 'string' || kind === 'List' || !kind.endsWith('List')) return {}
  return { apiVersion: list['apiVersion'], kind: kind.slice(0, -'List'.length) }
}

function readObject(item: unknown, where: string, type: { apiVersion?: unknown; kind?: unknown }): AnyObject {
  if (!isRaw(item)) throw new DumpError(`${where} is no object`)
  const apiVersion = item['apiVersion'] ?? type.apiVersion
  const kind = item['kind'] ?? type.kind
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    throw new DumpError(`${where} has no apiVersion or kind`)
  const object = projectObject({ apiVersion, kind }, item)
  if (!object) throw new DumpError(`${where} (${kind}) has no metadata.name`)
  return object
}

type Fields = Projected<(typeof KINDS)[number]['project'] | typeof CUSTOM>

/** Projects one raw object of any kind; `undefined` when it has no name. */
export function projectObject(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  raw: Raw | Encoded,
): AnyObject | undefined {
  const known = kindOf({ apiVersion, kind })
  const fields = readAs<Fields>(known?.project ?? CUSTOM, raw)
  const name = fields?.metadata?.name
  if (!fields || !name) return undefined
  const { namespace, uid = standInUid(kind, namespace, name) } = fields.metadata
  // In place: it was made a moment ago, and a copy would be a third larger.
  const metadata = Object.assign(fields.metadata, { name, uid })
  return Object.assign(fields, { apiVersion, kind, metadata })
}

const RESOURCE_OF = new Map(KINDS.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind.resource]))

/** `plural.group` of an object; of a custom kind by the usual plural, since a dump has no discovery. */
export function resourceOf(object: AnyObject): string {
  const known = RESOURCE_OF.get(`${object.apiVersion}/${object.kind}`)
  if (known !== undefined) return known
  const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : ''
  const plural = pluralOf(object.kind.toLowerCase())
  return group ? `${plural}.${group}` : plural
}

// The same guess that Kubernetes' own tools make.
const pluralOf = (kind: string): string =>
  kind.endsWith('s') ? `${kind}es` : kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`

const everything = (objects: readonly AnyObject[]): Looks => {
  const kinds = [...KINDS.filter((kind) => !kind.optional).map((kind) => kind.resource), ...objects.map(resourceOf)]
  return { listed: new Map(kinds.map((kind) => [kind, 'all'])), blind: new Map(), unnamed: 'not-installed' }
}

// Several lists: namespaces add up, kind by kind. A list that says nothing speaks for the kinds that are in it.
function merge(lists: readonly List[]): Looks {
  const listed = new Map<string, Where>()
  const blind = new Map<string, Blind>()
  for (const { looks, objects } of lists) {
    const kinds: Iterable<readonly [string, Where]> =
      looks?.listed ?? objects.map((object) => [resourceOf(object), 'all'])
    for (const [kind, where] of kinds) listed.set(kind, union(listed.get(kind), where))
    for (const [kind, why] of looks?.blind ?? []) blind.set(kind, why)
  }
  const installed = lists.some(({ looks }) => looks?.unnamed === 'not-installed')
  return { listed, blind, unnamed: installed ? 'not-installed' : 'not-listed' }
}

const union = (a: Where | undefined, b: Where): Where =>
  a === undefined ? b : a === 'all' || b === 'all' ? 'all' : [...new Set([...a, ...b])]
