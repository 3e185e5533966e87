import { serves, type Behaviour } from './behaviour.ts'
import { idle } from './curve.ts'
import type { App } from './manifests.ts'

/** A workload and what its software does. */
export interface Offer {
  readonly app: App
  readonly behaviour: Behaviour
}

/** Hardly does anything. */
export const small = (cores: number, mebibytes: number): Behaviour => serves(idle(cores, mebibytes))

export const GRAFANA: App = {
  namespace: 'monitoring',
  name: 'grafana',
  image: 'docker.io/grafana/grafana:12.3.0',
  container: 'grafana',
  requests: ['100m', '256Mi'],
  memoryLimit: '512Mi',
  port: 3000,
  ready: '/api/health',
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'grafana', 'meta.helm.sh/release-namespace': 'monitoring' },
}

export const PROMETHEUS: App = {
  namespace: 'monitoring',
  name: 'prometheus',
  image: 'quay.io/prometheus/prometheus:v3.8.0',
  container: 'prometheus',
  requests: ['500m', '2Gi'],
  memoryLimit: '3Gi',
  port: 9090,
}

const COREDNS: App = {
  namespace: 'kube-system',
  name: 'coredns',
  image: 'registry.k8s.io/coredns/coredns:v1.13.1',
  container: 'coredns',
  replicas: 2,
  requests: ['100m', '70Mi'],
  memoryLimit: '170Mi',
  port: 53,
}

const METRICS_SERVER: App = {
  namespace: 'kube-system',
  name: 'metrics-server',
  image: 'registry.k8s.io/metrics-server/metrics-server:v0.9.0',
  container: 'metrics-server',
  requests: ['100m', '100Mi'],
  port: 10250,
}

const everywhere = [{ operator: 'Exists' }]
const KUBE_PROXY: App = {
  namespace: 'kube-system',
  name: 'kube-proxy',
  image: 'registry.k8s.io/kube-proxy:v1.36.3',
  container: 'kube-proxy',
  requests: ['50m', '64Mi'],
  tolerations: everywhere,
}

const NODE_EXPORTER: App = {
  namespace: 'monitoring',
  name: 'node-exporter',
  image: 'quay.io/prometheus/node-exporter:v1.10.2',
  container: 'node-exporter',
  requests: ['20m', '32Mi'],
  memoryLimit: '64Mi',
  port: 9100,
  tolerations: everywhere,
}

export const SYSTEM: readonly Offer[] = [
  { app: COREDNS, behaviour: small(0.006, 31) },
  { app: METRICS_SERVER, behaviour: small(0.005, 48) },
]

export const EVERYWHERE: readonly Offer[] = [
  { app: KUBE_PROXY, behaviour: small(0.003, 29) },
  { app: NODE_EXPORTER, behaviour: small(0.004, 18) },
]
