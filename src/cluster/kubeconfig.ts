import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { didYouMean, quote } from '../util/issues.ts'
import { ClusterError, foreign } from './errors.ts'
import { clientCluster, clientUser, secretsOf } from './client-settings.ts'
import { inCluster } from './in-cluster.ts'
import { readKubeconfig, textOf, type Entry, type Kubeconfig, type Settings } from './kubeconfig-file.ts'
import type { Chosen, KubeconfigOptions } from './kubeconfig-choice.ts'

/** A way to a cluster, as it was chosen. */
export interface ClusterAccess {
  /** The client's view of it: credentials, TLS and proxy. */
  readonly config: KubeConfig
  /** The same, with credentials read anew: the client keeps those it has for a while, also when the server refuses them. */
  readonly renewed: () => KubeConfig
  readonly server: string
  /** The server, context and files, as messages name them; no secrets. */
  readonly place: string
  /** The name of the user entry. */
  readonly user: string
  /** The namespace that the context is set to. */
  readonly namespace: string | undefined
  /** What may never be shown, should a message of something else hold it. */
  readonly secrets: readonly string[]
}

/**
 * Chooses a cluster as kubectl does: the file that was named, else those of KUBECONFIG, else ~/.kube/config, else the service account
 * of the pod this runs in.
 * @throws ClusterError naming the place and the way out.
 */
export async function clusterAccess(options: KubeconfigOptions): Promise<ClusterAccess> {
  const files = await kubeconfigFiles(options)
  return accessOf(files.length > 0 ? choose(await readKubeconfig(files), options.context) : await inCluster(options))
}

async function kubeconfigFiles({ file, env }: KubeconfigOptions): Promise<readonly string[]> {
  if (file !== undefined) return [file]
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '')
  const home = env['HOME'] ?? env['USERPROFILE']
  const candidates = listed.length > 0 ? listed : home === undefined ? [] : [join(home, '.kube', 'config')]
  const there = await Promise.all(candidates.map(exists))
  const found = candidates.filter((_, i) => there[i])
  if (listed.length > 0 && found.length === 0)
    throw new ClusterError(
      `KUBECONFIG names ${listed.join(', ')}: no such file; set it to a kubeconfig, or use --kubeconfig FILE`,
    )
  return found
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

function choose(kubeconfig: Kubeconfig, wanted: string | undefined): Chosen {
  const files = kubeconfig.files.join(', ')
  const name = wanted ?? kubeconfig.currentContext
  if (name === undefined)
    throw new ClusterError(`${files}: no current-context; choose one with --context: ${namesOf(kubeconfig.contexts)}`)
  const context = named(kubeconfig.contexts, name, `no context ${quote(name)} in ${files}`)
  const from = `context ${quote(name)} of ${context.file}`
  const part = (list: readonly Entry[], what: 'cluster' | 'user'): Entry | undefined => {
    const other = textOf(context.settings[what])
    return other === undefined ? undefined : named(list, other, `${from}: no ${what} ${quote(other)}`)
  }
  const cluster = part(kubeconfig.clusters, 'cluster')
  if (cluster === undefined) throw new ClusterError(`${from}: it names no cluster`)
  const user = part(kubeconfig.users, 'user')
  return {
    cluster: cluster.settings,
    user: user?.settings ?? {},
    userName: user?.name ?? 'nobody',
    namespace: textOf(context.settings['namespace']),
    from,
  }
}

function named(entries: readonly Entry[], name: string, missing: string): Entry {
  const found = entries.find((entry) => entry.name === name)
  if (found) return found
  const names = entries.map((entry) => entry.name)
  throw new ClusterError(`${missing}${didYouMean(name, names)}; there is ${namesOf(entries)}`)
}

const namesOf = (entries: readonly Entry[]): string => foreign(entries.map(({ name }) => name).join(', ')) || 'none'

async function accessOf(chosen: Chosen): Promise<ClusterAccess> {
  const { cluster, user, userName, namespace, from } = chosen
  const server = serverOf(cluster, from)
  const document = {
    clusters: [{ name: 'cluster', cluster: clientCluster(cluster, server) }],
    users: [{ name: userName, user: clientUser(user, cluster) }],
    contexts: [{ name: 'chosen', context: { cluster: 'cluster', user: userName, namespace } }],
    'current-context': 'chosen',
  }
  const { kubeConfigOf } = await import('./kube-client.ts')
  const renewed = () => kubeConfigOf(document)
  const place = `${server.origin}${server.pathname.replace(/\/$/, '')} (${from}${through(cluster)})`
  return { config: renewed(), renewed, server: server.href, place, user: userName, namespace, secrets: secretsOf(user) }
}

// Its address may hold a password: only the host is shown.
function through(cluster: Settings): string {
  const proxy = URL.parse(textOf(cluster['proxy-url']) ?? '')
  return proxy ? `, through proxy ${proxy.host}` : ''
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

function serverOf(cluster: Settings, from: string): URL {
  const text = textOf(cluster['server'])
  const server = text === undefined ? null : URL.parse(text)
  if (!server || !/^https?:$/.test(server.protocol))
    throw new ClusterError(`${from}: its cluster has no server of the form https://HOST:PORT`)
  if (server.protocol === 'http:' && !LOOPBACK.test(server.hostname))
    throw new ClusterError(`${from}: ${server.origin} has no TLS: credentials go in clear text to this machine only`)
  return server
}
