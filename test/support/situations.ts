import type { Grounds } from '../../src/remediation/action.ts'
import {
  autoscaler,
  claim,
  deployment,
  job,
  namespace,
  node,
  pod,
  replicaSet,
  volume,
  type Raw,
  type Seed,
} from './build.ts'
import { grounds } from './proposals.ts'

/** A cluster in which an action has something to do, and the finding that it is for. */
export interface Situation {
  readonly objects: readonly Raw[]
  readonly finding: Grounds
}

const MEMORY = { name: 'app', image: 'web:2', resources: { limits: { memory: '64Mi' } } }
const READY = { type: 'Ready', status: 'True' }
/** The namespace that built objects are in. */
export const SHOP = namespace({ name: 'shop', uid: 'ns-shop' })
const HASH = 'pod-template-hash'
const revision = (n: number) => ({ 'deployment.kubernetes.io/revision': String(n) })

/** A Deployment that rolls from revision 1, which is available, to revision 2, whose pod does not get ready. */
export function rollout(change: { deployment?: Seed; old?: Seed; new?: Seed; pod?: Seed } = {}) {
  const template = { metadata: { labels: { app: 'cart' } }, spec: { containers: [MEMORY] } }
  const top = deployment({
    name: 'cart',
    uid: 'uid-cart',
    annotations: revision(2),
    metadata: { generation: 4, resourceVersion: '77' },
    spec: { replicas: 3, template },
    status: { observedGeneration: 4, replicas: 4, updatedReplicas: 1, readyReplicas: 3, availableReplicas: 3 },
    ...change.deployment,
  })
  const of = (n: number, seed: Seed = {}) =>
    replicaSet({
      name: `cart-${n}`,
      uid: `uid-cart-${n}`,
      owner: top,
      labels: { [HASH]: `hash-${n}` },
      annotations: revision(n),
      spec: { replicas: 1, template: { ...template, spec: { containers: [{ ...MEMORY, image: `web:${n}` }] } } },
      status: { replicas: n === 1 ? 3 : 1, availableReplicas: n === 1 ? 3 : 0 },
      ...seed,
    })
  const [old, next] = [of(1, change.old), of(2, change.new)]
  const broken = pod({
    name: 'cart-2-abc',
    uid: 'uid-pod',
    owner: next,
    spec: { nodeName: 'a', containers: [MEMORY] },
    status: { phase: 'Running', conditions: [{ ...READY, status: 'False' }], containerStatuses: [killed('app')] },
    ...change.pod,
  })
  return { top, old, next, broken, all: [SHOP, top, old, next, broken, worker('a'), worker('b')] }
}

const killed = (name: string) => ({
  name,
  restartCount: 4,
  lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
})

/** A ready node. */
export const worker = (name: string, seed: Seed = {}): Raw =>
  node({
    name,
    uid: `node-${name}`,
    status: { allocatable: { memory: '8Gi', cpu: '4' }, conditions: [READY] },
    ...seed,
  })

const cart = rollout()
const about = (target: Raw, rest: Parameters<typeof grounds>[1] = {}): Grounds => grounds(target, rest)
const failed = { phase: 'Failed', reason: 'Evicted' }
const evicted = pod({ name: 'cart-1-old', uid: 'uid-old', owner: cart.next, status: failed })
const bare = pod({ name: 'probe', uid: 'uid-probe', status: { phase: 'Failed' } })
const finished = job({ name: 'load', uid: 'uid-load', status: { conditions: [{ type: 'Failed', status: 'True' }] } })
const lost = autoscaler({
  name: 'gone',
  uid: 'uid-gone',
  spec: { minReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' } },
})
const spare = claim({
  name: 'spare',
  uid: 'uid-spare',
  spec: { volumeName: 'pv-1', storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
  status: { phase: 'Bound', capacity: { storage: '1Gi' } },
})
const disk = volume({
  name: 'pv-1',
  uid: 'uid-pv',
  spec: { persistentVolumeReclaimPolicy: 'Delete', storageClassName: 'fast' },
  status: { phase: 'Bound' },
})
const closed = worker('c', {
  annotations: { 'dogwatch.io/cordoned': 'node-unhealthy-0' },
  spec: { unschedulable: true },
})

/** One for each action. */
export const SITUATIONS: Readonly<Record<string, Situation>> = {
  'annotate-object': { objects: cart.all, finding: about(cart.top) },
  'evict-pod': { objects: cart.all, finding: about(cart.top, { of: [cart.broken] }) },
  'delete-pod': { objects: [...cart.all, evicted], finding: about(cart.top, { of: [evicted] }) },
  'uncordon-node': { objects: [worker('a'), closed], finding: about(closed) },
  'restart-workload': { objects: cart.all, finding: about(cart.top) },
  'rollback-workload': { objects: cart.all, finding: about(cart.top, { of: [cart.broken] }) },
  'set-resources': { objects: cart.all, finding: about(cart.top, { of: [cart.broken], container: 'app' }) },
  'scale-workload': { objects: cart.all, finding: about(cart.top) },
  'pause-rollout': { objects: cart.all, finding: about(cart.top) },
  'cordon-node': { objects: [worker('a'), worker('b')], finding: about(worker('a')) },
  'quarantine-workload': { objects: cart.all, finding: about(cart.top) },
  'delete-job': { objects: [SHOP, finished], finding: about(finished) },
  'delete-finished-pod': { objects: [SHOP, bare], finding: about(bare) },
  'delete-autoscaler': { objects: [SHOP, lost], finding: about(lost) },
  'delete-claim': { objects: [SHOP, spare, disk, bare], finding: about(spare) },
}

/** Parameters for an action that proposes none itself. */
export const PARAMETERS: Readonly<Record<string, object>> = { 'scale-workload': { replicas: 5 } }
