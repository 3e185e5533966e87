import { argo } from './healthy.ts'
import { event, type Item } from './kit.ts'
import { service } from './network.ts'
import { containerStatus, ended, running, usage, type Life } from './pods.ts'
import { available, deployment, podOf, progressed, replicaSet, templateOf, type App } from './workloads.ts'

const CART: App = {
  namespace: 'shop',
  app: 'cart',
  age: '180d',
  rolledOut: '12d',
  revision: 8,
  image: 'registry.shop.example/cart:5.1.0',
  nodes: ['worker-a', 'worker-b'],
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { memory: '256Mi' },
  port: 8080,
  ready: '/healthz',
  marks: argo('apps/Deployment', 'cart'),
}

const backOff = (pod: string): object => ({
  waiting: { reason: 'CrashLoopBackOff', message: `back-off 5m0s restarting failed container=app pod=${pod}` },
})

/** Both pods of the cart ran well for twelve days and have died right after each start for 26 minutes; its Service is empty for it. */
export function crashing(): Item[] {
  const top = deployment(CART, {
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 0,
    availableReplicas: 0,
    unavailableReplicas: 2,
    conditions: [progressed('12d'), available('False', '26m')],
  })
  const set = replicaSet({ app: CART, owner: top, ready: 0 })
  const dying = (index: number, node: string, [started, finished]: readonly [string, string]): Item[] => {
    const life = (name: string): Life => ({
      phase: 'Running',
      ready: false,
      since: finished,
      status: containerStatus(templateOf(CART), {
        state: backOff(name),
        lastState: ended(started, finished, { exitCode: 1, reason: 'Error' }),
        restartCount: 9,
      }),
    })
    const { name, uid = '' } = podOf(CART, set, { node, index, life: life('') }).metadata
    const whole = `${name}_shop(${uid})`
    const pod = podOf(CART, set, { node, index, life: life(whole) })
    const said = {
      reason: 'BackOff',
      message: `Back-off restarting failed container app in pod ${whole}`,
      first: '25m30s',
      last: '12s',
      count: 108,
      container: 'app',
    }
    return [pod, event(pod, said)]
  }
  const pods = [...dying(0, 'worker-a', ['2m12s', '2m10s']), ...dying(1, 'worker-b', ['3m44s', '3m41s'])]
  return [top, set, ...pods, ...service(CART, pods)]
}

const RECOMMENDATIONS: App = {
  namespace: 'shop',
  app: 'recommendations',
  age: '140d',
  rolledOut: '6d',
  revision: 15,
  image: 'registry.shop.example/recommendations:0.31.2',
  nodes: ['worker-c'],
  requests: { cpu: '250m', memory: '192Mi' },
  limits: { memory: '256Mi' },
  port: 8000,
  ready: '/ready',
}

/** Runs into its memory limit every few minutes. */
export function outOfMemory(): Item[] {
  const top = deployment(RECOMMENDATIONS)
  const set = replicaSet({ app: RECOMMENDATIONS, owner: top })
  const past = { restartCount: 23, lastState: ended('19m20s', '7m30s', { exitCode: 137, reason: 'OOMKilled' }) }
  const life = running(templateOf(RECOMMENDATIONS), '7m29s', past)
  const pod = podOf(RECOMMENDATIONS, set, { node: 'worker-c', life })
  return [top, set, pod, usage(pod, 'app', ['187m', '243Mi']), ...service(RECOMMENDATIONS, [pod])]
}
