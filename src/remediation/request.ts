import type { AnyObject } from '../cluster/kinds.ts'
import { kindOf } from '../cluster/store.ts'
import type { Change } from '../policy/proposal.ts'

/**
 * One request to the API server, as it is sent. The writer adds `resourceVersion` (or a precondition) of the object it read last,
 * and for a dry run `dryRun`: as a query, but for DELETE in the body, since a server ignores the query of a DELETE with a body.
 */
export interface Patch {
  readonly method: 'PATCH' | 'POST' | 'DELETE'
  readonly path: string
  readonly contentType: ContentType
  readonly body: Readonly<Record<string, unknown>>
}

export type ContentType = 'application/merge-patch+json' | 'application/strategic-merge-patch+json' | 'application/json'

/** What is written, and the request that writes it: made together so that they cannot differ. */
export interface Written {
  readonly changes: readonly Change[]
  readonly patch: Patch
}

type Path = readonly string[]

/** A JSON pointer (RFC 6901). */
export const pointerOf = (path: Path): string =>
  path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** Where an object is in the API. Only for kinds that dogwatch knows. */
export function pathOf(object: AnyObject, subresource?: string): string {
  const { namespace, name } = object.metadata
  const plural = kindOf(object)?.resource.split('.')[0]
  if (plural === undefined) throw new Error(`${object.kind} is no kind of ours`)
  const version = object.apiVersion.includes('/') ? `apis/${object.apiVersion}` : `api/${object.apiVersion}`
  const place = namespace === undefined ? '' : `/namespaces/${namespace}`
  return `/${version}${place}/${plural}/${name}${subresource === undefined ? '' : `/${subresource}`}`
}

/** Sets values at paths of an object; `null` removes. The uid goes along, so that an object made anew under the name is refused. */
export function mergePatch(object: AnyObject, values: readonly (readonly [path: Path, to: unknown])[]): Written {
  const uid = [['metadata', 'uid'], object.metadata.uid] as const
  return {
    changes: values.map(([path, to]) => ({ pointer: pointerOf(path), from: valueAt(object, path), to })),
    patch: {
      method: 'PATCH',
      path: pathOf(object),
      contentType: 'application/merge-patch+json',
      body: [uid, ...values].reduce<Body>((body, [path, to]) => withValue(body, path, to), {}),
    },
  }
}

/** Sets parts of an object, lists by the names of their items; for what is below a list, where a merge patch would replace all of it. */
export const strategicPatch = (object: AnyObject, body: Body): Patch => ({
  method: 'PATCH',
  path: pathOf(object),
  contentType: 'application/strategic-merge-patch+json',
  body: { metadata: { uid: object.metadata.uid }, ...body },
})

type Body = Readonly<Record<string, unknown>>
const isBody = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

function withValue(body: Body, [part = '', ...rest]: Path, value: unknown): Body {
  const inner = body[part]
  return { ...body, [part]: rest.length === 0 ? value : withValue(isBody(inner) ? inner : {}, rest, value) }
}

function valueAt(object: unknown, path: Path): unknown {
  let value = object
  for (const part of path) value = isBody(value) && Object.hasOwn(value, part) ? value[part] : undefined
  return value ?? null
}

const gone = ({ metadata }: AnyObject): Change => ({ pointer: '', from: metadata.uid, to: null })

/** Asks for a pod to go, which the server refuses where a disruption budget does. */
export function evict(pod: AnyObject): Written {
  const { name, namespace, uid } = pod.metadata
  return {
    changes: [gone(pod)],
    patch: {
      method: 'POST',
      path: pathOf(pod, 'eviction'),
      contentType: 'application/json',
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      },
    },
  }
}

/** Deletes an object, and what it owns after it. */
export function remove(object: AnyObject): Written {
  return {
    changes: [gone(object)],
    patch: {
      method: 'DELETE',
      path: pathOf(object),
      contentType: 'application/json',
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid: object.metadata.uid },
        propagationPolicy: 'Background',
      },
    },
  }
}
