import { systemClock } from '../util/clock.ts'
import type { Transport } from './transport.ts'

/** Which cluster, and whose rights; all of it may be left to the environment. */
export interface ClusterChoice {
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A way to a cluster. */
export interface ClusterWay {
  readonly transport: Transport
  /** The namespace that the kubeconfig or the pod names. */
  readonly ownNamespace: string | undefined
}

/**
 * Runs `use` with a way to the cluster, and closes its connections after it.
 * @throws ClusterError when there is no way.
 */
export async function withCluster<T>(
  { kubeconfig: file, context, env }: ClusterChoice,
  use: (way: ClusterWay) => Promise<T>,
): Promise<T> {
  // The Kubernetes client takes a third of a second to load; `--help` and dumps do without it.
  const { clusterAccess } = await import('./kubeconfig.ts')
  const { NodeTransport } = await import('./node-transport.ts')
  const access = await clusterAccess({ file, context, env })
  const transport = new NodeTransport(access, { clock: systemClock })
  try {
    return await use({ transport, ownNamespace: access.namespace })
  } finally {
    transport.close()
  }
}
