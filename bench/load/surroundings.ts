import { managedFields, Template } from './template.ts'

const about = (rest: object, made: object, status?: object): object => ({
  name: '<name>',
  uid: '<uid>',
  resourceVersion: '<rv>',
  creationTimestamp: '<born>',
  ...rest,
  managedFields: managedFields('<born>', made, status),
})
const IN_NAMESPACE = { namespace: '<namespace>' }

/** An object whose status, if it has one, is in `rest`. */
function whole(type: readonly [string, string], metadata: object, rest: Readonly<Record<string, unknown>>): Template {
  const { status, ...made } = rest
  const owned = typeof status === 'object' && status !== null ? status : undefined
  return new Template({ kind: type[1], apiVersion: type[0], metadata: about(metadata, made, owned), ...rest })
}

export const NAMESPACE = whole(
  ['v1', 'Namespace'],
  { labels: { 'kubernetes.io/metadata.name': '<name>' } },
  { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
)

const HEALTH = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'KubeletReady', 'kubelet is posting ready status'],
] as const

/** As many images as a kubelet tells at most: they are most of what a Node weighs. */
const IMAGES = Array.from({ length: 50 }, (_, at) => ({
  names: [
    `registry.example/team-${at}/service-${at}@sha256:${'0f1e2d3c'.repeat(8)}`,
    `registry.example/team-${at}/service-${at}:1.${at}.0`,
  ],
  sizeBytes: 100_000_000 + at,
}))

export const NODE = whole(
  ['v1', 'Node'],
  {
    labels: {
      'beta.kubernetes.io/arch': 'amd64',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': '<name>',
      'kubernetes.io/os': 'linux',
      'node.kubernetes.io/instance-type': 'standard-16-64',
      'topology.kubernetes.io/region': 'here',
      'topology.kubernetes.io/zone': 'zone-<zone>',
    },
    annotations: { 'node.alpha.kubernetes.io/ttl': '0', 'csi.volume.kubernetes.io/nodeid': '{"csi.example":"<name>"}' },
  },
  {
    spec: { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'], providerID: 'example:///here/<name>' },
    status: {
      capacity: { cpu: '16', memory: '65536Mi', pods: '250', 'ephemeral-storage': '203865304Ki' },
      allocatable: { cpu: '15800m', memory: '62000Mi', pods: '250', 'ephemeral-storage': '195553180Ki' },
      conditions: HEALTH.map(([type, reason, message]) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        lastHeartbeatTime: '<since>',
        lastTransitionTime: '<born>',
        reason,
        message,
      })),
      addresses: [
        { type: 'InternalIP', address: '10.200.0.1' },
        { type: 'Hostname', address: '<name>' },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
      nodeInfo: {
        kernelVersion: '6.12.0',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        containerRuntimeVersion: 'containerd://2.2.9',
        kubeletVersion: 'v1.36.3',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
      images: IMAGES,
    },
  },
)

export const CLAIM = whole(
  ['v1', 'PersistentVolumeClaim'],
  {
    ...IN_NAMESPACE,
    annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
    finalizers: ['kubernetes.io/pvc-protection'],
  },
  {
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '10Gi' } },
      volumeName: 'pv-<name>',
      storageClassName: 'standard',
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Bound', accessModes: ['ReadWriteMany'], capacity: { storage: '10Gi' } },
  },
)

export const VOLUME = whole(
  ['v1', 'PersistentVolume'],
  { annotations: { 'pv.kubernetes.io/provisioned-by': 'csi.example' }, finalizers: ['kubernetes.io/pv-protection'] },
  {
    spec: {
      capacity: { storage: '10Gi' },
      csi: { driver: 'csi.example', volumeHandle: '<name>' },
      accessModes: ['ReadWriteMany'],
      claimRef: {
        kind: 'PersistentVolumeClaim',
        apiVersion: 'v1',
        namespace: '<namespace>',
        name: '<claim>',
        uid: '<claimUid>',
      },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'standard',
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Bound' },
  },
)

export const STORAGE_CLASS = whole(
  ['storage.k8s.io/v1', 'StorageClass'],
  { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  { provisioner: 'csi.example', reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', allowVolumeExpansion: true },
)

export const SERVICE = whole(
  ['v1', 'Service'],
  { ...IN_NAMESPACE, labels: { 'app.kubernetes.io/name': '<name>' } },
  {
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'http' }],
      selector: { 'app.kubernetes.io/name': '<name>' },
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  },
)

/** Its endpoints are filled in one by one. */
export const SLICE = whole(
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  {
    ...IN_NAMESPACE,
    labels: {
      'kubernetes.io/service-name': '<service>',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: '<service>', uid: '<owner>', controller: true }],
  },
  { addressType: 'IPv4', endpoints: '<=endpoints>', ports: [{ name: 'http', protocol: 'TCP', port: 8080 }] },
)
export const ENDPOINT = new Template(
  {
    addresses: ['<address>'],
    conditions: { ready: '<=ready>', serving: '<=ready>', terminating: false },
    nodeName: '<node>',
    targetRef: { kind: 'Pod', namespace: '<namespace>', name: '<pod>', uid: '<uid>' },
  },
  'Endpoint',
)

export const QUOTA = whole(['v1', 'ResourceQuota'], IN_NAMESPACE, {
  spec: { hard: { pods: '100k' } },
  status: { hard: { pods: '100k' }, used: { pods: '500' } },
})

export const LIMIT_RANGE = whole(['v1', 'LimitRange'], IN_NAMESPACE, {
  spec: { limits: [{ type: 'Container', default: { memory: '256Mi' }, defaultRequest: { cpu: '50m' } }] },
})

export const webhook = (kind: 'Validating' | 'Mutating'): Template =>
  whole(
    ['admissionregistration.k8s.io/v1', `${kind}WebhookConfiguration`],
    {},
    {
      webhooks: [
        {
          name: 'check.example.com',
          clientConfig: { url: 'https://check.example.com/' },
          rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }],
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          timeoutSeconds: 5,
          admissionReviewVersions: ['v1'],
        },
      ],
    },
  )

/** A probe that failed once: what most Warnings of a cluster that is well are. */
export const EVENT = new Template({
  kind: 'Event',
  apiVersion: 'v1',
  metadata: about(IN_NAMESPACE, { reason: '', message: '', source: {}, involvedObject: {} }),
  involvedObject: {
    kind: 'Pod',
    namespace: '<namespace>',
    name: '<pod>',
    uid: '<podUid>',
    apiVersion: 'v1',
    fieldPath: 'spec.containers{app}',
  },
  reason: 'Unhealthy',
  message: 'Readiness probe failed: Get "http://10.0.0.1:8080/healthz": context deadline exceeded',
  source: { component: 'kubelet', host: 'node-1' },
  firstTimestamp: '<since>',
  lastTimestamp: '<since>',
  count: 1,
  type: 'Warning',
  reportingComponent: 'kubelet',
  reportingInstance: 'node-1',
})

export const POD_METRICS = new Template({
  metadata: {
    name: '<name>',
    namespace: '<namespace>',
    labels: { 'app.kubernetes.io/name': '<app>' },
    creationTimestamp: '<now>',
  },
  timestamp: '<now>',
  window: '15.2s',
  containers: [{ name: 'app', usage: { cpu: '<cpu>m', memory: '<memory>Mi' } }],
})
export const NODE_METRICS = new Template({
  metadata: { name: '<name>', labels: { 'kubernetes.io/hostname': '<name>' }, creationTimestamp: '<now>' },
  timestamp: '<now>',
  window: '20.1s',
  usage: { cpu: '<cpu>m', memory: '<memory>Mi' },
})
