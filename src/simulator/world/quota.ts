import { formatBytes, formatCores, parseQuantity } from '../../util/quantity.ts'
import type { Context } from './context.ts'
import type { KubeObject, Pod } from './objects.ts'
import { WorkQueue } from './queue.ts'
import type { Store } from './store.ts'
import type { Quota } from './workload-objects.ts'

type Amount = (pod: Pod) => number

const asked =
  (list: 'requests' | 'limits', resource: string): Amount =>
  ({ spec }) =>
    spec.containers.reduce((sum, { resources }) => sum + (parseQuantity(resources?.[list]?.[resource]) ?? 0), 0)

const AMOUNTS: ReadonlyMap<string, Amount> = new Map([
  ['pods', () => 1],
  ['cpu', asked('requests', 'cpu')],
  ['memory', asked('requests', 'memory')],
  ['requests.cpu', asked('requests', 'cpu')],
  ['requests.memory', asked('requests', 'memory')],
  ['limits.cpu', asked('limits', 'cpu')],
  ['limits.memory', asked('limits', 'memory')],
])

const written = (resource: string, amount: number): string =>
  resource.endsWith('cpu') ? formatCores(amount) : resource.endsWith('memory') ? formatBytes(amount) : String(amount)

const counts = ({ status }: Pod): boolean => status?.phase !== 'Succeeded' && status?.phase !== 'Failed'

function usedOf(store: Store, quota: Quota, resource: string): number {
  const amount = AMOUNTS.get(resource)
  if (amount === undefined) return 0
  return store
    .list('Pod', quota.metadata.namespace)
    .filter(counts)
    .reduce((sum, pod) => sum + amount(pod), 0)
}

/** Why a quota has no room for a pod, in the words of the API server; nothing when it has. */
export function refusalOf(store: Store, pod: Pod): string | undefined {
  for (const quota of store.list('ResourceQuota', pod.metadata.namespace)) {
    const over = Object.keys(quota.spec.hard).filter((resource) => {
      const more = AMOUNTS.get(resource)?.(pod) ?? 0
      return more > 0 && usedOf(store, quota, resource) + more > (parseQuantity(quota.spec.hard[resource]) ?? 0)
    })
    if (over.length > 0) return words(store, quota, { pod, over })
  }
  return undefined
}

function words(store: Store, quota: Quota, { pod, over }: { pod: Pod; over: readonly string[] }): string {
  const list = (amount: (resource: string) => string): string =>
    over.map((resource) => `${resource}=${amount(resource)}`).join(',')
  const requested = list((resource) => written(resource, AMOUNTS.get(resource)?.(pod) ?? 0))
  const used = list((resource) => written(resource, usedOf(store, quota, resource)))
  const limited = list((resource) => quota.spec.hard[resource] ?? '')
  return `pods "${pod.metadata.name}" is forbidden: exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${used}, limited: ${limited}`
}

/** Keeps what each quota says is used. */
export function countQuotas(context: Context): void {
  const { engine, store } = context
  const queue = new WorkQueue<Quota>({
    engine,
    store,
    delay: 300,
    look: (quota) => {
      const { hard } = quota.spec
      const used = Object.fromEntries(
        Object.keys(hard).map((resource) => [resource, written(resource, usedOf(store, quota, resource))]),
      )
      store.update({ ...quota, status: { hard, used } })
    },
  })
  const addAll = (object: KubeObject | undefined): void => {
    for (const quota of store.list('ResourceQuota', object?.metadata.namespace)) queue.add(quota)
  }
  store.on(['ResourceQuota', 'Pod'], ({ before, after }) => addAll(after ?? before))
  addAll(undefined)
}
