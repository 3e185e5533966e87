import { noise, seedOf } from './curve.ts'
import { selectorOf, type App } from './manifests.ts'
import type { KubeObject } from './objects.ts'
import type { Autoscaler, Budget, Quota, StorageClass } from './workload-objects.ts'

export const namespace = (name: string, at: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, creationTimestamp: at, labels: { 'kubernetes.io/metadata.name': name } },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
})

/** A machine of four cores and 16 GiB; `number` tells it from the others. */
export const node = (name: string, number: number, at: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name,
    creationTimestamp: at,
    labels: {
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'node.kubernetes.io/instance-type': 'standard-4-16',
      'topology.kubernetes.io/zone': `zone-${(number % 3) + 1}`,
    },
  },
  spec: { podCIDR: `10.244.${number}.0/24` },
  status: {
    capacity: { cpu: '4', memory: '16384Mi', pods: '110', 'ephemeral-storage': '103865304Ki' },
    allocatable: { cpu: '3920m', memory: '15212Mi', pods: '110', 'ephemeral-storage': '95553180Ki' },
    addresses: [
      { type: 'InternalIP', address: `10.0.${number}.10` },
      { type: 'Hostname', address: name },
    ],
    nodeInfo: {
      kubeletVersion: 'v1.36.3',
      containerRuntimeVersion: 'containerd://2.2.9',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  },
})

export const storageClass = (at: string): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'csi-ssd',
    creationTimestamp: at,
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'csi.disks.example',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
})

const addressOf = (text: string): string =>
  `10.96.${Math.floor(noise(seedOf(text), 1) * 256)}.${1 + Math.floor(noise(seedOf(text), 2) * 254)}`

/** The Service of an app. */
export function service(app: App, at: string): KubeObject {
  const { namespace: home, name, port = 8080 } = app
  const clusterIP = addressOf(`${home}/${name}`)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: home, creationTimestamp: at, labels: selectorOf(app) },
    spec: {
      type: 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      selector: selectorOf(app),
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: port }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  }
}

/** Scales an app by its processor time, to 70 % of what it asks for. */
export const autoscaler = (app: App, [least, most]: readonly [number, number], at: string): Autoscaler => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: app.name, namespace: app.namespace, creationTimestamp: at },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app.name },
    minReplicas: least,
    maxReplicas: most,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  },
})

/** Lets one pod of an app go at a time. */
export const budget = (app: App, at: string): Budget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app.name, namespace: app.namespace, generation: 1, creationTimestamp: at },
  spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(app) } },
})

export const quota = (home: string, hard: Readonly<Record<string, string>>, at: string): Quota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: home, namespace: home, creationTimestamp: at },
  spec: { hard },
})
