import { matchesSelector } from '../../util/selector.ts'
import { withCondition } from './conditions.ts'
import type { Context } from './context.ts'
import { isActive, isReady } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { Budget } from './workload-objects.ts'

const COUNT = /^(\d+)(%?)$/

function countOf(value: number | string | undefined, of: number): number | undefined {
  const match = COUNT.exec(String(value ?? ''))
  if (!match) return undefined
  return match[2] === '%' ? Math.ceil((Number(match[1]) / 100) * of) : Number(match[1])
}

/** Keeps how many disruptions each PodDisruptionBudget allows. */
export function keepBudgets(context: Context): void {
  const { engine, store } = context
  const look = (budget: Budget): void => {
    const { selector, minAvailable, maxUnavailable } = budget.spec
    const pods = store
      .list('Pod', budget.metadata.namespace)
      .filter((pod) => isActive(pod) && matchesSelector(pod.metadata.labels, selector))
    const currentHealthy = pods.filter(isReady).length
    const fewer = countOf(maxUnavailable, pods.length)
    const desiredHealthy = fewer === undefined ? (countOf(minAvailable, pods.length) ?? 0) : pods.length - fewer
    const disruptionsAllowed = Math.max(0, currentHealthy - desiredHealthy)
    const observedGeneration = budget.metadata.generation ?? 1
    const said =
      disruptionsAllowed > 0
        ? { status: 'True', reason: 'SufficientPods', message: '' }
        : { status: 'False', reason: 'InsufficientPods', message: '' }
    const next = { type: 'DisruptionAllowed', ...said, observedGeneration }
    const conditions = withCondition(budget.status?.conditions, next, engine.now())
    const status = { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods: pods.length }
    store.update({ ...budget, status: { observedGeneration, ...status, conditions } })
  }
  const queue = new WorkQueue<Budget>({ engine, store, delay: 200, look })
  for (const budget of store.list('PodDisruptionBudget')) queue.add(budget)
  store.on(['PodDisruptionBudget'], ({ after }) => after && queue.add(after as Budget))
  store.on(['Pod'], ({ before, after }) => {
    const pod = after ?? before
    for (const budget of store.list('PodDisruptionBudget', pod?.metadata.namespace))
      if (matchesSelector(pod?.metadata.labels, budget.spec.selector)) queue.add(budget)
  })
}
