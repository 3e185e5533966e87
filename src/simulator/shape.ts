import { shownAs } from './events.ts'
import type { SimulatedKind } from './kinds.ts'
import type { KubeObject } from './object.ts'
import { withoutType } from './answer.ts'
import { refusal } from './status.ts'

/** How the objects of an answer are written. */
export interface ObjectShape {
  readonly listKind: string
  readonly listVersion: string
  readonly item: (object: KubeObject) => unknown
  readonly one: (object: KubeObject) => unknown
  /** The real server ends a watch at its first event when it was asked for the list form. */
  readonly brokenOnWatch: boolean
}

const META = { version: 'v1', group: 'meta.k8s.io' }
const META_VERSION = `${META.group}/${META.version}`
const MEDIA_TYPES =
  'application/json, application/yaml, application/vnd.kubernetes.protobuf, application/cbor, application/json;as=Table;v=v1;g=meta.k8s.io'

const partial = ({ metadata }: KubeObject): object => ({
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
  throw refusal(406, 'NotAcceptable', `only the following media types are accepted: ${MEDIA_TYPES}`)
}

function pair(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=', 2)
  return [name, value]
}

const isJsonMedia = (media: string): boolean => ['application/json', 'application/*', '*/*', ''].includes(media)

type Asked = Readonly<Record<string, string | undefined>>

function shapeAs(kind: SimulatedKind, { as, g, v }: Asked, verb: string): ObjectShape | undefined {
  if (as === undefined) return plain(kind)
  if (g !== META.group || v !== META.version) return undefined
  const list = as === 'PartialObjectMetadataList'
  if (!list && as !== 'PartialObjectMetadata') return undefined
  // Of one object, and of each event, the singular; of a list the plural, and a watch takes it without a word.
  if (verb === 'list' ? !list : list && verb !== 'watch') return undefined
  return {
    listKind: 'PartialObjectMetadataList',
    listVersion: META_VERSION,
    item: partial,
    one: partial,
    brokenOnWatch: list,
  }
}

function plain(kind: SimulatedKind): ObjectShape {
  const one = (object: KubeObject): KubeObject => shownAs(kind, object)
  return {
    listKind: `${kind.kind}List`,
    listVersion: kind.apiVersion,
    item: kind.custom === true ? one : (object) => withoutType(one(object)),
    one,
    brokenOnWatch: false,
  }
}
