import { condition, event, object, type Item } from './kit.ts'
import { service } from './network.ts'
import { containerStatus, type Life } from './pods.ts'
import { disk, statefulSet } from './storage.ts'
import {
  available,
  deployment,
  healthyDeployment,
  healthyPods,
  podOf,
  replicaSet,
  templateOf,
  timedOut,
  type App,
} from './workloads.ts'

/** Asks for more memory than any node has. */
export function unplaceable(): Item[] {
  const app: App = {
    namespace: 'analytics',
    app: 'forecast',
    age: '90d',
    rolledOut: '42m',
    revision: 4,
    image: 'registry.shop.example/forecast:2.0.0',
    nodes: [],
    replicas: 1,
    requests: { cpu: '2', memory: '24Gi' },
    limits: { memory: '24Gi' },
  }
  const top = deployment(app, {
    replicas: 1,
    updatedReplicas: 1,
    unavailableReplicas: 1,
    conditions: [available('False', '42m'), timedOut('32m')],
  })
  const set = replicaSet({ app, owner: top, ready: 0 })
  const message =
    '0/3 nodes are available: 3 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'
  const refused = condition('PodScheduled', 'False', '42m', { reason: 'Unschedulable', message })
  const life: Life = { phase: 'Pending', ready: false, since: '42m', status: { conditions: [refused] } }
  const one = podOf(app, set, { life })
  const said = {
    reason: 'FailedScheduling',
    message,
    first: '42m',
    last: '1m40s',
    count: 9,
    component: 'default-scheduler',
  }
  return [top, set, one, event(one, said)]
}

/** A database that was made smaller, and the uploads of a shop that is gone: their disks are still paid for. */
export function leftovers(): Item[] {
  const [namespace, labels] = ['shop', { 'app.kubernetes.io/name': 'postgres' }]
  const left = ['1', '2'].flatMap((ordinal) =>
    disk({ namespace, name: `data-postgres-${ordinal}`, age: '150d', size: '20Gi', labels, unused: '23d' }),
  )
  const postgres = statefulSet({
    namespace,
    app: 'postgres',
    name: 'postgres',
    age: '150d',
    image: 'docker.io/library/postgres:18.1',
    nodes: ['worker-b'],
    requests: { cpu: '500m', memory: '1Gi' },
    limits: { memory: '2Gi' },
    uses: ['301m', '812Mi'],
    port: 5432,
    size: '20Gi',
  })
  return [...postgres, ...left, ...disk({ namespace, name: 'uploads-2024', age: '170d', size: '100Gi', unused: '61d' })]
}

const GOOD: App = {
  namespace: 'shop',
  app: 'search',
  age: '180d',
  rolledOut: '15d',
  revision: 21,
  image: 'registry.shop.example/search:2.13.4',
  nodes: ['worker-a', 'worker-c'],
  requests: { cpu: '150m', memory: '256Mi' },
  limits: { memory: '512Mi' },
  port: 8080,
  ready: '/healthz',
  uses: ['64m', '231Mi'],
}
const TYPO = 'registry.shop.example/search:2.14.O'

/** A release whose tag has a letter for a digit. */
export function imageMissing(): Item[] {
  const app: App = { ...GOOD, image: TYPO, revision: 22, rolledOut: '18m', nodes: ['worker-b'], replicas: 2 }
  const top = deployment(app, {
    replicas: 3,
    updatedReplicas: 1,
    readyReplicas: 2,
    availableReplicas: 2,
    unavailableReplicas: 1,
    conditions: [available('True', '15d'), timedOut('8m')],
  })
  const old = replicaSet({ app: GOOD, owner: top })
  const set = replicaSet({ app, owner: top, replicas: 1, ready: 0 })
  const waiting = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${TYPO}": ErrImagePull: not found` }
  const status = containerStatus(templateOf(app), { state: { waiting }, imageID: '' })
  const stuck = podOf(app, set, { node: 'worker-b', life: { phase: 'Pending', ready: false, since: '18m', status } })
  const serving = healthyPods(GOOD, old)
  return [top, old, set, ...serving, stuck, ...service(app, [...serving, stuck]), ...notFound(stuck)]
}

function notFound(pod: Item): Item[] {
  const pull = `Failed to pull image "${TYPO}": rpc error: code = NotFound desc = failed to pull and unpack image "${TYPO}": failed to resolve image: ${TYPO}: not found`
  const said = { reason: 'Failed', first: '18m', container: 'app' }
  return [
    event(pod, { ...said, message: pull, last: '2m14s', count: 8 }),
    event(pod, { ...said, message: 'Error: ImagePullBackOff', last: '9s', count: 77 }),
  ]
}

const GATEWAY: App = {
  namespace: 'payments',
  app: 'gateway',
  age: '180d',
  rolledOut: '3h',
  revision: 17,
  image: 'registry.shop.example/gateway:3.4.0',
  nodes: ['worker-b', 'worker-c'],
  replicas: 3,
  requests: { cpu: '500m', memory: '256Mi' },
  limits: { memory: '512Mi' },
  port: 8443,
  ready: '/ready',
  uses: ['203m', '177Mi'],
}
const FORBIDDEN =
  'pods "gateway-6c9d8b7f54-x7wkp" is forbidden: exceeded quota: payments, requested: requests.cpu=500m, used: requests.cpu=1200m, limited: requests.cpu=1500m'

/** A quota that has room for two of three pods. */
export function overQuota(): Item[] {
  const failure = condition('ReplicaFailure', 'True', '52m', { reason: 'FailedCreate', message: FORBIDDEN })
  const top = deployment(GATEWAY, {
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
    unavailableReplicas: 1,
    conditions: [available('True', '3h'), failure, timedOut('42m')],
  })
  const status = { replicas: 2, fullyLabeledReplicas: 2, conditions: [failure] }
  const set = replicaSet({ app: GATEWAY, owner: top, ready: 2, status })
  const pods = healthyPods(GATEWAY, set)
  const hard = { 'requests.cpu': '1500m', pods: '20' }
  const used = { 'requests.cpu': '1200m', pods: '4' }
  const said = { reason: 'FailedCreate', first: '52m', last: '3m', count: 14, component: 'replicaset-controller' }
  return [
    top,
    set,
    ...pods,
    ...service(GATEWAY, pods),
    object(
      'v1 ResourceQuota',
      { namespace: 'payments', name: 'payments', age: '180d' },
      { spec: { hard }, status: { hard, used } },
    ),
    event(set, { ...said, message: `Error creating: ${FORBIDDEN}` }),
  ]
}

/** A Service that asks for a label that no pod has. */
export function unanswered(): Item[] {
  const app: App = {
    namespace: 'shop',
    app: 'feature-flags',
    age: '75d',
    rolledOut: '30d',
    revision: 2,
    image: 'registry.shop.example/feature-flags:1.0.6',
    nodes: ['worker-a'],
    requests: { cpu: '50m', memory: '64Mi' },
    limits: { memory: '128Mi' },
    uses: ['3m', '38Mi'],
    port: 8080,
    ready: '/healthz',
  }
  const flags = healthyDeployment(app)
  return [...flags, ...service(app, flags, { app: 'feature-flags' })]
}
