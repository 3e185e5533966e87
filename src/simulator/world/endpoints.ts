import { formatTime } from '../../util/time.ts'
import { matchesLabels } from '../../util/selector.ts'
import { nameEnd, type Context } from './context.ts'
import type { KubeObject, Pod } from './objects.ts'
import { isDeleting, isFinished, isReady, ownerOf } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { Service } from './workload-objects.ts'

/** Keeps the EndpointSlice of each Service that selects pods. */
export function keepEndpoints(context: Context): void {
  const { engine, store } = context
  const queue = new WorkQueue<Service>({ engine, store, delay: 200, look: (service) => look(context, service) })
  for (const service of store.list('Service')) queue.add(service)
  store.on(['Service'], ({ after }) => after && queue.add(after as Service))
  store.on(['Pod'], ({ before, after }) => {
    const pod = after ?? before
    for (const service of store.list('Service', pod?.metadata.namespace)) if (selects(service, pod)) queue.add(service)
  })
}

const selects = ({ spec }: Service, pod: KubeObject | undefined): boolean =>
  spec.selector !== undefined && pod !== undefined && matchesLabels(pod.metadata.labels, spec.selector)

function look(context: Context, service: Service): void {
  if (service.spec.selector === undefined) return
  const { store } = context
  const { namespace = 'default' } = service.metadata
  const pods = store
    .list('Pod', namespace)
    .filter((pod) => selects(service, pod) && pod.status?.podIP !== undefined && !isFinished(pod))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const endpoints = pods.map((pod) => endpointOf(pod, service))
  const ports = (service.spec.ports ?? []).map(({ name = '', targetPort, port }) => ({
    name,
    protocol: 'TCP',
    port: typeof targetPort === 'number' ? targetPort : port,
  }))
  const [slice] = store.owned('EndpointSlice', service)
  const body = pods.length > 0 ? { endpoints, ports } : { endpoints: null, ports: null }
  if (slice) store.update({ ...slice, ...body })
  else store.create({ ...sliceOf(context, service), addressType: 'IPv4', ...body })
}

function sliceOf(context: Context, service: Service): KubeObject {
  const { namespace = 'default', name } = service.metadata
  const generateName = `${name}-`
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${generateName}${nameEnd(context)}`,
      generateName,
      namespace,
      generation: 1,
      creationTimestamp: formatTime(context.engine.now()),
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [ownerOf(service)],
    },
  }
}

function endpointOf(pod: Pod, { spec }: Service): object {
  const { namespace, name, uid } = pod.metadata
  const terminating = isDeleting(pod)
  const serving = isReady(pod)
  return {
    addresses: [pod.status?.podIP],
    conditions: { ready: (serving && !terminating) || spec.publishNotReadyAddresses === true, serving, terminating },
    targetRef: { kind: 'Pod', namespace, name, uid },
    nodeName: pod.spec.nodeName,
  }
}
