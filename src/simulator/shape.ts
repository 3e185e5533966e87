import { shownAs } from './events.ts'
import type { SimulatedKind } from './kinds.ts'
import { groupOf, type Draft, type KubeObject } from './object.ts'
import { withoutType } from './answer.ts'
import { refusal, type Refusal } from './status.ts'

/** How the objects of an answer are written. */
export interface ObjectShape {
  readonly listKind: string
  readonly listVersion: string
  readonly item: (object: KubeObject) => unknown
  /** An object, or what stands for one in a bookmark. */
  readonly one: (object: Draft) => unknown
  /** The real server ends a watch at its first event when it was asked for the list form. */
  readonly brokenOnWatch: boolean
}

const META = { version: 'v1', group: 'meta.k8s.io' }
const META_VERSION = `${META.group}/${META.version}`
const MEDIA_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'
const REPRESENTATIONS = `${MEDIA_TYPES}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`

const partial = ({ metadata }: Draft): object => ({
  kind: 'PartialObjectMetadata',
  apiVersion: META_VERSION,
  metadata,
})

/**
 * What an `accept` header asks for, of a list or watch (`many`) or of one object.
 * @throws Refusal 406
 */
export function shapeFor(kind: SimulatedKind, accept: string | undefined, verb: string): ObjectShape {
  for (const part of (accept ?? '*/*').split(',')) {
    const [media = '', ...parameters] = part.split(';').map((word) => word.trim())
    const asked: Asked = Object.fromEntries(parameters.map(pair))
    const shape = isJsonMedia(media) ? shapeAs(kind, asked, verb) : undefined
    if (shape) return shape
  }
  const other = (accept ?? '').includes('json')
  const message = other
    ? `only the following media types are accepted: ${MEDIA_TYPES}`
    : `406: Not Acceptable\n\nAvailable representations: ${REPRESENTATIONS}`
  throw refusal(406, 'NotAcceptable', message, other ? undefined : {})
}

function pair(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=', 2)
  return [name, value]
}

const isJsonMedia = (media: string): boolean => ['application/json', 'application/*', '*/*', ''].includes(media)

function unfit({ kind, apiVersion }: SimulatedKind, as: string, verb: string): Refusal {
  const type = `${apiVersion === 'v1' ? 'core' : groupOf({ apiVersion })}.${kind}`
  const is = verb === 'list' ? `a list (*${type}List)` : `not a list (*${type})`
  return refusal(406, 'NotAcceptable', `you requested ${as}, but the requested object is ${is}`)
}

type Asked = Readonly<Record<string, string | undefined>>

function shapeAs(kind: SimulatedKind, { as, g, v }: Asked, verb: string): ObjectShape | undefined {
  if (as === undefined) return plain(kind)
  if (g !== META.group || v !== META.version) return undefined
  const list = as === 'PartialObjectMetadataList'
  if (!list && as !== 'PartialObjectMetadata') return undefined
  // Of one object, and of each event, the singular; of a list the plural, and a watch takes it without a word.
  if (verb === 'list' ? !list : list && verb !== 'watch') throw unfit(kind, as, verb)
  return {
    listKind: 'PartialObjectMetadataList',
    listVersion: META_VERSION,
    item: partial,
    one: partial,
    brokenOnWatch: list,
  }
}

function plain(kind: SimulatedKind): ObjectShape {
  const one = (object: Draft): Draft => shownAs(kind, object)
  return {
    listKind: `${kind.kind}List`,
    listVersion: kind.apiVersion,
    item: kind.custom === true ? one : (object) => withoutType(one(object)),
    one,
    brokenOnWatch: false,
  }
}
