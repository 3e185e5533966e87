import { ago, condition, object, suffix, type Item } from './kit.ts'
import { selectorOf, type App } from './workloads.ts'

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const isReady = (pod: Item): boolean => {
  const { conditions } = fields(pod['status'])
  return (
    Array.isArray(conditions) &&
    conditions.some((one) => fields(one)['type'] === 'Ready' && fields(one)['status'] === 'True')
  )
}

const selects = (selector: Readonly<Record<string, string>>, { metadata }: Item): boolean =>
  Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value)

/** The Service of an app, with the endpoints that its pods among `items` give it. */
export function service(app: App, items: readonly Item[], selector: Record<string, string> = selectorOf(app)): Item[] {
  const { namespace, app: name, age, port = 8080, labels, marks } = app
  const top = object(
    'v1 Service',
    { namespace, name, age, labels: { ...selectorOf(app), ...labels }, ...(marks && { annotations: marks }) },
    {
      spec: {
        type: 'ClusterIP',
        clusterIP: `10.96.${(name.length * 37) % 256}.${(namespace.length * 53) % 256}`,
        ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: port }],
        selector,
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
      },
      status: { loadBalancer: {} },
    },
  )
  const pods = items.filter(
    (item) => item.kind === 'Pod' && item.metadata.namespace === namespace && selects(selector, item),
  )
  const slice = object(
    'discovery.k8s.io/v1 EndpointSlice',
    {
      namespace,
      name: `${name}-${suffix(5, 'slice', namespace, name)}`,
      age,
      owner: top,
      labels: {
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    {
      addressType: 'IPv4',
      endpoints: pods.map((pod, index) => endpoint(pod, index)),
      ports: [{ name: 'http', protocol: 'TCP', port }],
    },
  )
  return [top, slice]
}

function endpoint(pod: Item, index: number): object {
  const { name, namespace, uid } = pod.metadata
  const { nodeName } = fields(pod['spec'])
  const ready = isReady(pod)
  return {
    addresses: [`10.244.${name.length}.${index + 11}`],
    conditions: { ready, serving: ready, terminating: false },
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName === undefined ? {} : { nodeName }),
  }
}

/** An autoscaler that does its work. */
export const autoscaler = (app: App, [min, max]: readonly [number, number]): Item =>
  object(
    'autoscaling/v2 HorizontalPodAutoscaler',
    { namespace: app.namespace, name: app.app, age: app.age },
    {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app.app },
        minReplicas: min,
        maxReplicas: max,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
      status: {
        currentReplicas: app.nodes.length,
        desiredReplicas: app.nodes.length,
        lastScaleTime: ago('2h'),
        currentMetrics: [
          { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 61, averageValue: '122m' } } },
        ],
        conditions: [
          condition('AbleToScale', 'True', app.age, {
            reason: 'ReadyForNewScale',
            message: 'recommended size matches current size',
          }),
          condition('ScalingActive', 'True', '2h', {
            reason: 'ValidMetricFound',
            message:
              'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
          }),
          condition('ScalingLimited', 'False', '2h', {
            reason: 'DesiredWithinRange',
            message: 'the desired count is within the acceptable range',
          }),
        ],
      },
    },
  )

/** A budget that lets one pod go at a time. */
export const disruptionBudget = (app: App): Item =>
  object(
    'policy/v1 PodDisruptionBudget',
    { namespace: app.namespace, name: app.app, age: app.age },
    {
      spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(app) } },
      status: {
        observedGeneration: 1,
        expectedPods: app.nodes.length,
        currentHealthy: app.nodes.length,
        desiredHealthy: app.nodes.length - 1,
        disruptionsAllowed: 1,
        conditions: [condition('DisruptionAllowed', 'True', app.age, { reason: 'SufficientPods', message: '' })],
      },
    },
  )
