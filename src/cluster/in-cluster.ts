import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { ClusterError } from './errors.ts'
import type { Chosen, KubeconfigOptions } from './kubeconfig-choice.ts'

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The cluster that this pod runs in, by its service account.
 * @throws ClusterError when this is no pod.
 */
export async function inCluster({ env, serviceAccount = SERVICE_ACCOUNT }: KubeconfigOptions): Promise<Chosen> {
  const host = env['KUBERNETES_SERVICE_HOST']
  if (!host)
    throw new ClusterError(
      'no cluster to look at: there is no ~/.kube/config, KUBECONFIG is not set, and this is no pod; name a kubeconfig with --kubeconfig FILE',
    )
  const namespace = await readFile(join(serviceAccount, 'namespace'), 'utf8').catch(() => undefined)
  const tokenFile = join(serviceAccount, 'token')
  await readFile(tokenFile).catch(() => {
    throw new ClusterError(`${tokenFile}: no token: does this pod have automountServiceAccountToken: false?`)
  })
  return {
    cluster: {
      server: `https://${isIPv6(host) ? `[${host}]` : host}:${env['KUBERNETES_SERVICE_PORT'] ?? '443'}`,
      'certificate-authority': join(serviceAccount, 'ca.crt'),
    },
    user: { tokenFile },
    userName: 'service account',
    namespace: namespace?.trim() || undefined,
    from: 'the service account of this pod',
  }
}
