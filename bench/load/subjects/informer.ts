import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node'

/** The official informer on pods, as its documentation shows it. */
const config = new KubeConfig()
config.loadFromFile(process.argv[2] ?? '')
const api = config.makeApiClient(CoreV1Api)
const informer = makeInformer(config, '/api/v1/pods', () => api.listPodForAllNamespaces())
await informer.start()
process.send?.({ tell: 'synced' })
// What it took is asked for after it is done.
process.channel?.ref()
