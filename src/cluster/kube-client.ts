import { KubeConfig } from '@kubernetes/client-node'

// A file of its own, loaded late: only who talks to a cluster pays for the client, and the bundle can leave out all of it that is not named here.

/** The client's view of a kubeconfig, given as JSON. */
export function kubeConfigOf(document: object): KubeConfig {
  const config = new KubeConfig()
  config.loadFromString(JSON.stringify(document))
  return config
}
