import { settingsOf, textOf, type Settings } from './kubeconfig-file.ts'

// What @kubernetes/client-node 2.0.1 reads differently from kubectl is put right here, before it sees it.

/** A cluster of a kubeconfig as the client reads it. */
export function clientCluster(cluster: Settings, server: URL): Settings {
  // The client refuses a server without TLS unless told not to verify TLS. `kubectl proxy` is such a server.
  const plain = server.protocol === 'http:'
  return { ...cluster, server: server.href, ...(plain ? { 'insecure-skip-tls-verify': true } : {}) }
}

/** A user of a kubeconfig as the client reads it. */
export function clientUser(user: Settings, cluster: Settings): Settings {
  const { tokenFile, token, exec, ...rest } = user
  return {
    ...rest,
    ...tokenOf(textOf(tokenFile), token),
    ...(exec === undefined ? {} : { exec: plugin(exec, cluster) }),
  }
}

// The client knows a token file only by this name; as with kubectl it is read again each minute and goes before a fixed token.
function tokenOf(tokenFile: string | undefined, token: unknown): Settings {
  if (tokenFile === undefined) return token === undefined ? {} : { token }
  return { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } }
}

// Credential plugins are told which form of answer is wanted, and that nobody is there to be asked.
function plugin(exec: unknown, cluster: Settings): Settings {
  const settings = settingsOf(exec)
  const env = Array.isArray(settings['env']) ? (settings['env'] as unknown[]) : []
  const spec = { interactive: false, ...(settings['provideClusterInfo'] === true ? { cluster } : {}) }
  const info = JSON.stringify({ apiVersion: settings['apiVersion'], kind: 'ExecCredential', spec })
  return { ...settings, env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: info }] }
}

const SHORTEST_SECRET = 6

/** What in the settings of a user may never be shown. */
export function secretsOf(user: Settings): string[] {
  const env = settingsOf(user['exec'])['env']
  const values = [
    ...['token', 'password', 'client-key-data'].map((key) => user[key]),
    ...Object.values(settingsOf(settingsOf(user['auth-provider'])['config'])),
    ...(Array.isArray(env) ? env.map((variable) => settingsOf(variable)['value']) : []),
  ]
  return values.filter((value) => typeof value === 'string').filter((value) => value.length >= SHORTEST_SECRET)
}
