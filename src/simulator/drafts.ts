import type { Route } from './exchange.ts'
import type { SimulatedKind } from './kinds.ts'
import {
  groupOf,
  isJson,
  jsonOf,
  textOf,
  versionOf,
  type Draft,
  type Json,
  type KubeObject,
  type TypeName,
} from './object.ts'
import { badRequest, detailsOf, internal, invalid, refusal, subjectOf } from './status.ts'
import type { ObjectTable } from './table.ts'

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' }
const SUFFIX = 5
/** What generated names are made of: nothing that spells a word. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'
const LONGEST_BASE = 58
const NAME = /^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/
/** Kinds whose generation counts the changes of their spec. */
const WITH_GENERATION = new Set(['apps', 'batch', 'policy', 'discovery.k8s.io'])

/**
 * The object in a request, in the words of the real server where it is none.
 * @throws Refusal 400
 */
export function readDraft(body: string, route: Route): Draft {
  const { kind, namespace } = route
  const object = parsed(body, kind)
  const apiVersion = textOf(object['apiVersion']) ?? kind.apiVersion
  const named = textOf(object['kind']) ?? kind.kind
  const wrong = misfit(kind, { apiVersion, kind: named })
  if (wrong !== undefined) throw badRequest(wrong)
  const metadata = jsonOf(object['metadata'])
  const own = textOf(metadata['namespace'])
  if (own !== undefined && own !== (namespace ?? own))
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  const where = kind.namespaced ? { namespace } : {}
  return { ...object, apiVersion: kind.apiVersion, kind: kind.kind, metadata: { ...metadata, ...where } }
}

function misfit(kind: SimulatedKind, { apiVersion, kind: named }: TypeName): string | undefined {
  const said = `${named} in version ${JSON.stringify(versionOf({ apiVersion }))} cannot be handled as a ${kind.kind}`
  if (apiVersion !== kind.apiVersion)
    return `${said}: no kind ${JSON.stringify(named)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`
  return named === kind.kind ? undefined : `${said}: unknown conversion`
}

function parsed(body: string, kind: SimulatedKind): Json {
  try {
    const object: unknown = JSON.parse(body)
    if (isJson(object)) return object
  } catch {
    // The same words for both.
  }
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind; json parse error`,
  )
}

/**
 * What is stored when somebody creates this.
 * @throws Refusal 400, 422
 */
export function newObject(draft: Draft, { kind }: Route, random: () => number): Draft {
  const { resourceVersion, uid: _, creationTimestamp: __, deletionTimestamp: ___, ...metadata } = draft.metadata
  if (typeof resourceVersion === 'string' && resourceVersion !== '')
    throw internal('resourceVersion should not be set on objects to be created')
  const name = textOf(metadata['name']) || generated(textOf(metadata['generateName']), random)
  checkName(kind, name)
  const counted = WITH_GENERATION.has(groupOf(kind)) || kind.kind === 'Pod' || kind.custom === true
  return {
    ...draft,
    metadata: { ...metadata, name, ...(counted ? { generation: 1 } : {}) },
    ...(kind.status === true ? { status: FIRST_STATUS[kind.kind] ?? {} } : {}),
    ...FIRST_FIELDS[kind.kind]?.(draft),
  }
}

const FIRST_STATUS: Readonly<Record<string, Json>> = {
  Namespace: { phase: 'Active' },
  Pod: { phase: 'Pending', qosClass: 'BestEffort' },
  PersistentVolumeClaim: { phase: 'Pending' },
  PersistentVolume: { phase: 'Pending' },
  Service: { loadBalancer: {} },
}

const FIRST_FIELDS: Readonly<Record<string, (draft: Draft) => Json>> = {
  Namespace: ({ spec, metadata }) => ({
    spec: { finalizers: ['kubernetes'], ...jsonOf(spec) },
    metadata: {
      ...metadata,
      labels: { 'kubernetes.io/metadata.name': metadata['name'], ...jsonOf(metadata['labels']) },
    },
  }),
}

const generated = (base: string | undefined, random: () => number): string => {
  if (base === undefined || base === '') return ''
  const letters = Array.from({ length: SUFFIX }, () => LETTERS[Math.floor(random() * LETTERS.length)] ?? 'x')
  return `${base.slice(0, LONGEST_BASE)}${letters.join('')}`
}

function checkName(kind: SimulatedKind, name: string): void {
  const { subject, details } = subjectOf(kind, name)
  if (name === '') {
    const message = 'Required value: name or generateName is required'
    throw invalid(subject, [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }], details)
  }
  if (NAME.test(name) && name.length <= 253) return
  const message = `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`
  throw invalid(subject, [{ reason: 'FieldValueInvalid', message, field: 'metadata.name' }], details)
}

/**
 * Whether something may be made in a namespace.
 * @throws Refusal 403, 404
 */
export function checkNamespace(table: ObjectTable, { kind, namespace }: Route, name: string): void {
  if (namespace === undefined) return
  const home = table.get({ ...NAMESPACE, name: namespace })
  if (home === undefined)
    throw refusal(404, 'NotFound', `namespaces ${JSON.stringify(namespace)} not found`, {
      name: namespace,
      kind: 'namespaces',
    })
  if (home.metadata.deletionTimestamp === undefined) return
  const of = groupOf(kind) === '' ? kind.plural : `${kind.plural}.${groupOf(kind)}`
  const message = `unable to create new content in namespace ${namespace} because it is being terminated`
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  throw refusal(403, 'Forbidden', `${of} ${JSON.stringify(name)} is forbidden: ${message}`, {
    ...detailsOf(kind, name),
    causes: [cause],
  })
}

/** An object with changes, of which a write to a subresource, or beside it, lets only some through. */
export function changed(before: KubeObject, draft: Draft, { kind, subresource }: Route): Draft {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = before.metadata
  const kept = { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation }
  const fixed = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined))
  if (subresource === 'status') return { ...before, status: draft['status'] }
  const status = kind.status === true ? { status: before['status'] } : {}
  return { ...draft, metadata: { ...draft.metadata, ...fixed }, ...status }
}
