import type { Answer } from './answer.ts'
import { storedAs } from './events.ts'
import type { Exchange, Route } from './exchange.ts'
import { groupOf, jsonOf, textOf, timestamp, type Json, type KubeObject } from './object.ts'
import { selection } from './list.ts'
import { badRequest, refusal, subjectOf } from './status.ts'
import { refOf, type ObjectTable } from './table.ts'
import { existing, isDryRun, type WriteSource } from './write.ts'

/** Kinds of which a DELETE gives the object itself. */
const GIVES_OBJECT = new Set(['Pod', 'Service', 'PersistentVolumeClaim', 'PersistentVolume', 'ServiceAccount'])
const GRACE = 30

interface Options {
  readonly dry: boolean
  /** Seconds. */
  readonly grace: number | undefined
  readonly preconditions: Json
}

/**
 * Deletes one object, or begins to: finalizers hold it back, pods on a node have time to end.
 * @throws Refusal 404, 409, 422
 */
export async function deleteObject(source: WriteSource, exchange: Exchange, route: Route): Promise<Answer> {
  const options = deleteOptions(exchange)
  const before = existing(source.table, route)
  checkPreconditions(options.preconditions, before, route)
  const { rest, last } = options.dry ? { last: before } : removeObject(source, before, options.grace)
  if (rest !== undefined || GIVES_OBJECT.has(before.kind)) return { status: 200, json: rest ?? last }
  return { status: 200, json: success(before, route) }
}

export async function deleteCollection(source: WriteSource, exchange: Exchange, route: Route): Promise<Answer> {
  const options = deleteOptions(exchange)
  const objects = source.table.list(storedAs(route.kind), route.namespace).filter(selection(exchange, route))
  if (!options.dry) for (const object of objects) removeObject(source, object, options.grace)
  const metadata = { resourceVersion: String(source.table.revision) }
  return {
    status: 200,
    json: { kind: `${route.kind.kind}List`, apiVersion: route.kind.apiVersion, metadata, items: objects },
  }
}

// With any body, the query is not looked at: a dry run that is asked for there deletes.
function deleteOptions({ body, query }: Exchange): Options {
  const said = body.trim() === '' ? undefined : parsed(body)
  const grace = said === undefined ? query['gracePeriodSeconds'] : said['gracePeriodSeconds']
  return {
    dry: isDryRun(said === undefined ? query['dryRun'] : said['dryRun'], 'DeleteOptions'),
    grace: grace === undefined ? undefined : Number(grace),
    preconditions: jsonOf(said?.['preconditions']),
  }
}

function parsed(body: string): Json {
  try {
    return jsonOf(JSON.parse(body))
  } catch {
    throw badRequest("couldn't get version/kind; json parse error")
  }
}

function checkPreconditions(wanted: Json, { metadata }: KubeObject, { kind }: Route): void {
  const { subject, details } = subjectOf(kind, metadata.name)
  const check = (what: string, is: string, why: string): void => {
    const wish = textOf(wanted[what === 'UID' ? 'uid' : 'resourceVersion'])
    if (wish === undefined || wish === is) return
    const said = `the ${what} in the precondition (${wish}) does not match the ${what} in record (${is}). ${why}`
    throw refusal(409, 'Conflict', `Operation cannot be fulfilled on ${subject}: ${said}`, details)
  }
  check('UID', metadata.uid, 'The object might have been deleted and then recreated')
  check('ResourceVersion', metadata.resourceVersion, 'The object might have been modified')
}

interface Removed {
  /** What stays for a while. */
  readonly rest?: KubeObject | undefined
  /** What it was at the end. */
  readonly last: KubeObject
}

/** Removes an object as the server does when it is asked to. */
function removeObject({ table, clock }: Emptying, object: KubeObject, grace?: number): Removed {
  const seconds = graceOf(object, grace)
  const held = (object.metadata.finalizers ?? []).length > 0 || object.kind === 'Namespace'
  if (!held && seconds === 0) return { last: table.remove(refOf(object)) ?? object }
  if (object.metadata.deletionTimestamp !== undefined) return { rest: object, last: object }
  const metadata = {
    ...object.metadata,
    deletionTimestamp: timestamp(clock.now() + seconds * 1000),
    ...(object.kind === 'Namespace' ? {} : { deletionGracePeriodSeconds: seconds }),
  }
  const ending = object.kind === 'Namespace' ? { status: { ...jsonOf(object['status']), phase: 'Terminating' } } : {}
  const rest = table.update({ ...object, metadata, ...ending })
  if (object.kind === 'Namespace') emptyNamespace({ table, clock }, rest)
  return { rest, last: rest }
}

/** A pod that a kubelet runs is given time; any other goes at once. */
function graceOf({ kind, ...pod }: KubeObject, asked: number | undefined): number {
  const spec = jsonOf(pod['spec'])
  const phase = jsonOf(pod['status'])['phase']
  if (kind !== 'Pod' || spec['nodeName'] === undefined || phase === 'Succeeded' || phase === 'Failed') return 0
  const own = spec['terminationGracePeriodSeconds']
  return asked ?? (typeof own === 'number' ? own : GRACE)
}

type Emptying = Pick<WriteSource, 'table' | 'clock'>

function emptyNamespace({ table, clock }: Emptying, { metadata }: KubeObject): void {
  for (const object of table.within(metadata.name)) removeObject({ table, clock }, object)
  finishNamespace(table, metadata.name)
}

/** Removes a namespace that was to go and has nothing in it any more. Whether it did. */
export function finishNamespace(table: ObjectTable, name: string): boolean {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name }
  const namespace = table.get(ref)
  if (namespace?.metadata.deletionTimestamp === undefined || table.within(name).length > 0) return false
  if ((namespace.metadata.finalizers ?? []).length > 0) return false
  table.remove(ref)
  return true
}

function success({ metadata }: KubeObject, { kind }: Route): Json {
  const group = groupOf(kind)
  const details = { name: metadata.name, ...(group === '' ? {} : { group }), kind: kind.plural, uid: metadata.uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}
