import type { Clock } from '../util/clock.ts'
import type { Answer } from './answer.ts'
import { changed, checkNamespace, newObject, readDraft } from './drafts.ts'
import { shownAs, storedAs, toStored } from './events.ts'
import type { Exchange, Route } from './exchange.ts'
import { jsonOf, textOf, timestamp, type Draft, type Json, type KubeObject } from './object.ts'
import { applyPatch } from './patch.ts'
import { shapeFor } from './shape.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  methodNotAllowed,
  notFound,
  subjectOf,
  unknownResource,
} from './status.ts'
import { refOf, type ObjectTable } from './table.ts'

export interface WriteSource {
  readonly table: ObjectTable
  readonly clock: Clock
  readonly random: () => number
}

const STALE = 'the object has been modified; please apply your changes to the latest version and try again'

/**
 * Whether nothing is to be kept.
 * @throws Refusal 422
 */
export function isDryRun(value: unknown, options: string): boolean {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value]
  if (values.some((one) => one !== 'All')) {
    const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`
    const details = { group: 'meta.k8s.io', kind: options }
    throw invalid(
      `${options}.meta.k8s.io ""`,
      [{ reason: 'FieldValueNotSupported', message, field: 'dryRun' }],
      details,
    )
  }
  return values.length > 0
}

export async function createObject(
  { table, clock, random }: WriteSource,
  exchange: Exchange,
  route: Route,
): Promise<Answer> {
  if (route.name !== undefined || (route.kind.namespaced && route.namespace === undefined)) throw methodNotAllowed()
  const dry = isDryRun(exchange.query['dryRun'], 'CreateOptions')
  const draft = toStored(route.kind, newObject(readDraft(exchange.body, route), route, random))
  const ref = refOf(draft)
  checkNamespace(table, route, ref.name)
  if (table.get(ref) !== undefined) throw alreadyExists(route.kind, ref.name)
  const shape = shapeFor(route.kind, exchange.headers['accept'], 'create')
  const made = dry ? unstored(draft, clock) : table.create(draft)
  return { status: 201, json: shape.one(made) }
}

// Nothing of a dry run is counted, so it shows no version.
const unstored = (draft: Draft, clock: Clock): KubeObject => ({
  ...draft,
  metadata: {
    uid: '',
    resourceVersion: '',
    name: '',
    ...draft.metadata,
    creationTimestamp: timestamp(clock.now()),
  },
})

export async function updateObject(source: WriteSource, exchange: Exchange, route: Route): Promise<Answer> {
  const draft = toStored(route.kind, readDraft(exchange.body, route))
  const name = textOf(draft.metadata['name']) ?? ''
  if (name !== route.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${route.name ?? ''})`)
  const before = existing(source.table, route)
  if (route.kind.kind === 'Lease' && draft.metadata['resourceVersion'] === undefined) {
    const message = 'Invalid value: 0: must be specified for an update'
    throw invalid(`Lease.coordination.k8s.io ${JSON.stringify(name)}`, [
      { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
    ])
  }
  const { uid } = draft.metadata
  if (typeof uid === 'string' && uid !== before.metadata.uid)
    throw conflict(route.kind, name, uidWords(uid, before, route))
  return store(source, exchange, { route, before, draft })
}

function uidWords(uid: string, { metadata }: KubeObject, { kind, namespace }: Route): string {
  const key = ['/registry', kind.plural, namespace, metadata.name].filter((part) => part !== undefined).join('/')
  return `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
}

export async function patchObject(source: WriteSource, exchange: Exchange, route: Route): Promise<Answer> {
  const before = existing(source.table, route)
  const shown = shownAs(route.kind, before)
  const patched = applyPatch(shown, exchange.headers['content-type'], exchange.body)
  const metadata = jsonOf(patched['metadata'])
  const { uid } = metadata
  if (uid !== before.metadata.uid) {
    const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`
    const { subject, details } = subjectOf(route.kind, before.metadata.name)
    throw invalid(subject, [{ reason: 'FieldValueInvalid', message, field: 'metadata.uid' }], details)
  }
  const draft = toStored(route.kind, { ...patched, apiVersion: shown.apiVersion, kind: shown.kind, metadata })
  return store(source, exchange, { route, before, draft })
}

interface Change {
  readonly route: Route
  readonly before: KubeObject
  readonly draft: Draft
}

function store({ table }: WriteSource, exchange: Exchange, { route, before, draft }: Change): Answer {
  checkPart(route)
  const dry = isDryRun(exchange.query['dryRun'], exchange.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions')
  const version = textOf(draft.metadata['resourceVersion']) || before.metadata.resourceVersion
  if (version !== before.metadata.resourceVersion) throw conflict(route.kind, before.metadata.name, STALE)
  const after = changed(before, { ...draft, metadata: { ...draft.metadata, resourceVersion: undefined } }, route)
  const json = shapeFor(route.kind, exchange.headers['accept'], 'update').one
  // The answer to a dry run has the version that is stored.
  if (dry) return { status: 200, json: json({ ...after, metadata: { ...after.metadata, ...versionOf(before) } }) }
  const whole = withoutNothing(after)
  const stored = isFinished(whole) ? table.remove(refOf(whole), whole) : table.update(whole)
  return { status: 200, json: json(stored ?? before) }
}

/**
 * Whether an object has the part that a path names.
 * @throws Refusal 404
 */
export function checkPart({ kind, subresource }: Route): void {
  if (subresource !== undefined && !(subresource === 'status' && kind.status === true)) throw unknownResource()
}

const versionOf = ({ metadata }: KubeObject) => ({
  name: metadata.name,
  uid: metadata.uid,
  creationTimestamp: metadata.creationTimestamp,
  resourceVersion: metadata.resourceVersion,
})

const told = (object: Json): Json =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))

/** What is left out must not be there at all, or it would count as a change. */
const withoutNothing = ({ apiVersion, kind, metadata, ...rest }: Draft): Draft => ({
  apiVersion,
  kind,
  metadata: told(metadata),
  ...told(rest),
})

/** Whether an object was to be deleted and nobody holds it back any more. */
const isFinished = ({ metadata, kind }: Draft): boolean =>
  metadata['deletionTimestamp'] !== undefined &&
  !hasFinalizers(metadata['finalizers']) &&
  kind !== 'Namespace' &&
  !(kind === 'Pod' && Number(metadata['deletionGracePeriodSeconds'] ?? 0) > 0)

const hasFinalizers = (value: unknown): boolean => Array.isArray(value) && value.length > 0

/**
 * The object of a path.
 * @throws Refusal 404
 */
export function existing(table: ObjectTable, { kind, namespace, name = '' }: Route): KubeObject {
  const object = table.get({ ...storedAs(kind), namespace, name })
  if (object === undefined) throw notFound(kind, name)
  return object
}
