import { ago, condition, object, type Item } from './kit.ts'
import { service } from './network.ts'
import { statefulSet } from './storage.ts'
import { daemonSet, healthyDeployment, type App } from './workloads.ts'

const NODES = ['worker-a', 'worker-b', 'worker-c'] as const

const namespace = (name: string, age: string): Item =>
  object(
    'v1 Namespace',
    { name, age, labels: { 'kubernetes.io/metadata.name': name } },
    { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  )

const HEALTH = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const

/** A node that is well. */
export function node(name: string, at: number): Item {
  const heard = { lastHeartbeatTime: ago(`${40 + at * 70}s`) }
  return object(
    'v1 Node',
    {
      name,
      age: '210d',
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'standard-4-16',
        'topology.kubernetes.io/zone': `zone-${at + 1}`,
      },
    },
    {
      spec: { podCIDR: `10.244.${at}.0/24` },
      status: {
        capacity: { cpu: '4', memory: '16384Mi', pods: '110', 'ephemeral-storage': '103865304Ki' },
        allocatable: { cpu: '3920m', memory: '15212Mi', pods: '110', 'ephemeral-storage': '95553180Ki' },
        conditions: [
          ...HEALTH.map(([type, reason, message]) => condition(type, 'False', '41d', { ...heard, reason, message })),
          condition('Ready', 'True', '41d', {
            ...heard,
            reason: 'KubeletReady',
            message: 'kubelet is posting ready status',
          }),
        ],
        addresses: [
          { type: 'InternalIP', address: `10.0.${at}.10` },
          { type: 'Hostname', address: name },
        ],
        nodeInfo: {
          kubeletVersion: 'v1.36.3',
          containerRuntimeVersion: 'containerd://2.2.9',
          operatingSystem: 'linux',
          architecture: 'amd64',
        },
      },
    },
  )
}

const nodeUsage = (name: string, at: number): Item => ({
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'NodeMetrics',
  metadata: { name, creationTimestamp: ago('0s') },
  timestamp: ago('14s'),
  window: '20.1s',
  usage: { cpu: `${912 + at * 133}m`, memory: `${6120 + at * 411}Mi` },
})

const STORAGE_CLASS = object(
  'storage.k8s.io/v1 StorageClass',
  { name: 'csi-ssd', age: '210d', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  {
    provisioner: 'csi.disks.example',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  },
)

const SYSTEM: readonly App[] = [
  {
    namespace: 'kube-system',
    app: 'coredns',
    name: 'coredns',
    age: '210d',
    rolledOut: '41d',
    image: 'registry.k8s.io/coredns/coredns:v1.13.1',
    nodes: ['worker-a', 'worker-b'],
    requests: { cpu: '100m', memory: '70Mi' },
    limits: { memory: '170Mi' },
    uses: ['6m', '31Mi'],
    port: 53,
  },
  {
    namespace: 'kube-system',
    app: 'metrics-server',
    name: 'metrics-server',
    age: '210d',
    rolledOut: '41d',
    image: 'registry.k8s.io/metrics-server/metrics-server:v0.9.0',
    nodes: ['worker-c'],
    requests: { cpu: '100m', memory: '200Mi' },
    uses: ['5m', '48Mi'],
    port: 10250,
  },
]

const EVERYWHERE: readonly App[] = [
  {
    namespace: 'kube-system',
    app: 'kube-proxy',
    name: 'kube-proxy',
    age: '210d',
    image: 'registry.k8s.io/kube-proxy:v1.36.3',
    nodes: NODES,
    requests: { cpu: '50m', memory: '64Mi' },
    uses: ['3m', '29Mi'],
    tolerations: [{ operator: 'Exists' }],
  },
  {
    namespace: 'monitoring',
    app: 'node-exporter',
    name: 'node-exporter',
    age: '120d',
    image: 'quay.io/prometheus/node-exporter:v1.10.2',
    nodes: NODES,
    requests: { cpu: '20m', memory: '32Mi' },
    limits: { memory: '64Mi' },
    uses: ['4m', '18Mi'],
    port: 9100,
    tolerations: [{ operator: 'Exists' }],
  },
]

const HELM = { 'meta.helm.sh/release-name': 'grafana', 'meta.helm.sh/release-namespace': 'monitoring' }
const GRAFANA: App = {
  namespace: 'monitoring',
  app: 'grafana',
  name: 'grafana',
  age: '120d',
  rolledOut: '12d',
  revision: 4,
  image: 'docker.io/grafana/grafana:12.3.0',
  nodes: ['worker-b'],
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { memory: '512Mi' },
  uses: ['11m', '171Mi'],
  port: 3000,
  ready: '/api/health',
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  marks: HELM,
}

function monitoring(): Item[] {
  const grafana = healthyDeployment(GRAFANA)
  const prometheus = statefulSet({
    namespace: 'monitoring',
    app: 'prometheus',
    name: 'prometheus',
    age: '120d',
    image: 'quay.io/prometheus/prometheus:v3.8.0',
    nodes: ['worker-c'],
    requests: { cpu: '500m', memory: '2Gi' },
    limits: { memory: '3Gi' },
    uses: ['212m', '1690Mi'],
    port: 9090,
    size: '50Gi',
  })
  return [...grafana, ...service(GRAFANA, grafana), ...prometheus]
}

const WEBHOOK: App = {
  namespace: 'cert-manager',
  app: 'cert-manager-webhook',
  name: 'webhook',
  age: '200d',
  rolledOut: '41d',
  image: 'quay.io/jetstack/cert-manager-webhook:v1.19.1',
  nodes: ['worker-a'],
  requests: { cpu: '20m', memory: '64Mi' },
  limits: { memory: '128Mi' },
  uses: ['3m', '39Mi'],
  port: 10250,
  ready: '/healthz',
}

/** A webhook that the API server asks, and that answers. */
function admission(): Item[] {
  const pods = healthyDeployment(WEBHOOK)
  const { namespace: home, app: name } = WEBHOOK
  const hook = {
    name: 'webhook.cert-manager.io',
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 30,
    admissionReviewVersions: ['v1'],
    rules: [
      { apiGroups: ['cert-manager.io'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['*/*'] },
    ],
    clientConfig: { service: { namespace: home, name, path: '/validate', port: 80 } },
  }
  const configuration = object(
    'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration',
    { name, age: '200d' },
    { webhooks: [hook] },
  )
  return [...pods, ...service(WEBHOOK, pods), configuration]
}

/** What every cluster has beside its applications: nodes, namespaces, the system's own pods, monitoring. */
export function platform(): Item[] {
  const system = SYSTEM.flatMap(healthyDeployment)
  return [
    ...[
      ['default', '210d'],
      ['kube-system', '210d'],
      ['monitoring', '120d'],
      ['cert-manager', '200d'],
      ['shop', '180d'],
      ['payments', '180d'],
      ['analytics', '90d'],
    ].map(([name = '', age = '']) => namespace(name, age)),
    ...NODES.map(node),
    ...NODES.map(nodeUsage),
    STORAGE_CLASS,
    ...system,
    ...SYSTEM.flatMap((app) => service(app, system)),
    ...EVERYWHERE.flatMap(daemonSet),
    ...monitoring(),
    ...admission(),
  ]
}
