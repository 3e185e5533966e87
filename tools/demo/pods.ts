import { ago, condition, imageDigest, object, type Item } from './kit.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Container {
  readonly name?: string
  readonly image: string
  readonly requests?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, string>>
  readonly port?: number
  /** The path that the readiness probe asks for. */
  readonly ready?: string
}

/** What a pod template and the pods of it have in common. */
export interface Template extends Container {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly restartPolicy?: 'Never'
  readonly claim?: string
  readonly tolerations?: readonly object[]
}

/** What the kubelet says of a pod. */
export interface Life {
  readonly phase: 'Running' | 'Pending' | 'Succeeded'
  /** How long ago its readiness changed last. */
  readonly since: string
  readonly ready: boolean
  readonly status: Fields
}

const SERVICE_LINKS = { dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler', securityContext: {} }
const TOLERATIONS = ['not-ready', 'unreachable'].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))

const probeOf = ({ ready, port = 8080 }: Template): Fields =>
  ready === undefined
    ? {}
    : {
        readinessProbe: {
          httpGet: { path: ready, port, scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
      }

const containerOf = (template: Template): Fields => {
  const { name = 'app', image, requests, limits, port, claim } = template
  return {
    name,
    image,
    ...(port === undefined ? {} : { ports: [{ containerPort: port, protocol: 'TCP' }] }),
    resources: { ...(limits && { limits }), ...(requests && { requests }) },
    ...(claim === undefined ? {} : { volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
    ...probeOf(template),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  }
}

/** The spec of a template, as the API server completes it. */
export function templateSpec(template: Template): Fields {
  const { claim, restartPolicy = 'Always', tolerations } = template
  return {
    containers: [containerOf(template)],
    ...(claim === undefined ? {} : { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }] }),
    ...(tolerations && { tolerations }),
    restartPolicy,
    terminationGracePeriodSeconds: 30,
    ...SERVICE_LINKS,
  }
}

export interface Place {
  readonly name: string
  readonly namespace: string
  readonly age: string
  readonly owner: Item
  /** Left out: no node has taken it. */
  readonly node?: string
  readonly labels?: Readonly<Record<string, string>>
}

const READY = ['Initialized', 'PodReadyToStartContainers', 'ContainersReady', 'Ready']

/** A pod of a template in a state of its life. */
export function pod(template: Template, { name, namespace, age, owner, node, labels }: Place, life: Life): Item {
  const spec = templateSpec(template)
  const unready = life.ready
    ? {}
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${template.name ?? 'app'}]` }
  const placed = READY.map((type) => {
    const early = type === 'Initialized' || type === 'PodReadyToStartContainers'
    return early ? condition(type, 'True', age) : condition(type, life.ready ? 'True' : 'False', life.since, unready)
  })
  return object(
    'v1 Pod',
    { name, namespace, age, owner, labels: { ...template.labels, ...labels }, metadata: { generation: 1 } },
    {
      spec: {
        ...spec,
        ...(node === undefined ? {} : { nodeName: node }),
        serviceAccountName: 'default',
        tolerations: [...TOLERATIONS, ...(template.tolerations ?? [])],
        priority: 0,
        enableServiceLinks: true,
        preemptionPolicy: 'PreemptLowerPriority',
      },
      status: {
        phase: life.phase,
        qosClass: template.requests || template.limits ? 'Burstable' : 'BestEffort',
        ...(node === undefined ? {} : { startTime: ago(age) }),
        conditions: node === undefined ? [] : [...placed, condition('PodScheduled', 'True', age)],
        ...life.status,
      },
    },
  )
}

/** `containerStatuses` of the one container of a pod. */
export function containerStatus(template: Template, fields: Fields): Fields {
  const { name = 'app', image } = template
  const imageID = `${image.split(':')[0] ?? ''}@${imageDigest(image)}`
  const base = { name, image, imageID, restartCount: 0, ready: false }
  return { containerStatuses: [{ ...base, started: false, ...fields }] }
}

/** A pod that runs, since then. */
export const running = (template: Template, since: string, past: object = {}): Life => ({
  phase: 'Running',
  ready: true,
  since,
  status: containerStatus(template, {
    state: { running: { startedAt: ago(since) } },
    ready: true,
    started: true,
    ...past,
  }),
})

/** How a run of a container ended. */
export const ended = (started: string, finished: string, how: object): object => ({
  terminated: { startedAt: ago(started), finishedAt: ago(finished), ...how },
})

/** What the metrics API says of a pod at this moment. */
export const usage = ({ metadata }: Item, container: string, [cpu, memory]: readonly [string, string]): Item => ({
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'PodMetrics',
  metadata: {
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    ...(metadata.labels && { labels: metadata.labels }),
    creationTimestamp: ago('0s'),
  },
  timestamp: ago('12s'),
  window: '15.2s',
  containers: [{ name: container, usage: { cpu, memory } }],
})
