import type { Answer } from './answer.ts'
import { storedAs } from './events.ts'
import type { Exchange, Route } from './exchange.ts'
import { groupOf, jsonOf, textOf, timestamp, type Json, type KubeObject } from './object.ts'
import { selection } from './list.ts'
import { conflict } from './status.ts'
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
  const rest = options.dry ? undefined : removeObject(source, before, options.grace)
  if (rest !== undefined || GIVES_OBJECT.has(before.kind)) return { status: 200, json: rest ?? before }
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
  const said = body.trim() === '' ? undefined : jsonOf(JSON.parse(body))
  const grace = said === undefined ? query['gracePeriodSeconds'] : said['gracePeriodSeconds']
  return {
    dry: isDryRun(said === undefined ? query['dryRun'] : said['dryRun']),
    grace: grace === undefined ? undefined : Number(grace),
    preconditions: jsonOf(said?.['preconditions']),
  }
}

function checkPreconditions(wanted: Json, { metadata }: KubeObject, { kind }: Route): void {
  const uid = textOf(wanted['uid'])
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      kind,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
  const version = textOf(wanted['resourceVersion'])
  if (version !== undefined && version !== metadata.resourceVersion)
    throw conflict(
      kind,
      metadata.name,
      `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
}

/** Removes an object as the server does when it is asked to; what is left of it, when it stays for a while. */
export function removeObject(
  { table, clock }: WriteSource,
  object: KubeObject,
  grace?: number,
): KubeObject | undefined {
  const seconds = graceOf(object, grace)
  const held = (object.metadata.finalizers ?? []).length > 0 || object.kind === 'Namespace'
  if (!held && seconds === 0) {
    table.remove(refOf(object))
    return undefined
  }
  if (object.metadata.deletionTimestamp !== undefined) return object
  const metadata = {
    ...object.metadata,
    deletionTimestamp: timestamp(clock.now() + seconds * 1000),
    ...(object.kind === 'Namespace' ? {} : { deletionGracePeriodSeconds: seconds }),
  }
  const ending = object.kind === 'Namespace' ? { status: { ...jsonOf(object['status']), phase: 'Terminating' } } : {}
  const rest = table.update({ ...object, metadata, ...ending })
  return object.kind === 'Namespace' ? emptyNamespace({ table, clock }, rest) : rest
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

function emptyNamespace({ table, clock }: Emptying, namespace: KubeObject): KubeObject | undefined {
  const inside = table.within(namespace.metadata.name)
  // What a kubelet would end is ended: who simulates one deletes its pods first.
  for (const object of inside) removeObject({ table, clock, random: () => 0 }, object)
  finishNamespace(table, namespace.metadata.name)
  return table.get(refOf(namespace))
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
