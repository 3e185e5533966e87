import { didYouMean, quote } from '../util/issues.ts'
import { StatusError, type Api } from './api.ts'
import { clusterUid } from './cluster-look.ts'
import { projectObject } from './dump.ts'
import { ClusterError } from './errors.ts'
import { lookAtKind, pathOf, type KindLook, type Target } from './kind-look.ts'
import type { AnyObject } from './kinds.ts'

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/**
 * The namespaces that were asked for, each once.
 * @throws ClusterError for what can be no namespace's name: it becomes part of a path.
 */
export function namesOf(asked: readonly string[]): readonly string[] {
  for (const name of asked)
    if (!NAME.test(name) || name.length > 63) throw new ClusterError(`${quote(name)} is no name of a namespace`)
  return [...new Set(asked)]
}

/**
 * Lists all namespaces, also for a look at some of them: labels and annotations of others count too. Who may not list them
 * can mostly read each that they have rights in.
 * @throws ClusterError when a namespace that was asked for does not exist: a look at it would find nothing, and seem healthy.
 */
export async function lookAtNamespaces(
  api: Api,
  target: Target,
  way: { readonly namespaces: readonly string[] | undefined; readonly onPage: (objects: number) => void },
): Promise<KindLook> {
  const all = await lookAtKind(api, target, way)
  const { namespaces } = way
  if (namespaces === undefined) return all
  if (all.listed === 'all') return refuseMissing(all, namespaces)
  const objects = await Promise.all(namespaces.map((name) => readNamespace(api, target, name)))
  const found = objects.filter((object) => object !== undefined)
  return found.length < namespaces.length ? all : { target, objects: found, listed: namespaces, blind: undefined }
}

function refuseMissing(look: KindLook, wanted: readonly string[]): KindLook {
  const names = look.objects.map(({ metadata }) => metadata.name)
  for (const name of wanted)
    if (!names.includes(name)) throw new ClusterError(`there is no namespace ${quote(name)}${didYouMean(name, names)}`)
  return look
}

async function readNamespace(api: Api, target: Target, name: string): Promise<AnyObject | undefined> {
  try {
    const raw = await api.read({ path: `${pathOf(target, undefined)}/${name}` }, () => () => undefined)
    return projectObject(target, raw as Readonly<Record<string, unknown>>)
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error
    if (error instanceof StatusError && error.status === 404)
      throw new ClusterError(`there is no namespace ${quote(name)}`)
    return undefined
  }
}

/** What the cluster calls itself; read by itself when namespaces could not be listed. */
export async function clusterIdOf(api: Api, kinds: readonly KindLook[]): Promise<string | undefined> {
  const namespaces = kinds.find(({ target }) => target.resource === 'namespaces')
  if (namespaces === undefined) return undefined
  if (namespaces.listed === 'all') return clusterUid(namespaces.objects)
  try {
    return (await readNamespace(api, namespaces.target, 'kube-system'))?.metadata.uid
  } catch (error) {
    if (error instanceof ClusterError) return undefined
    throw error
  }
}
