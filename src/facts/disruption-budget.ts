import type { ObjectOf } from '../cluster/kinds.ts'
import { conditionSince } from './condition.ts'
import { fact, type Fact } from './fact.ts'
import { known, recorded, unknown, type Reading } from './reading.ts'
import { conditionOf } from './workload-kind.ts'

type Budget = ObjectOf<'poddisruptionbudgets.policy'>
type Status = NonNullable<Budget['status']>

/** Reads a budget whose controller has looked at its newest specification. */
function computed({ metadata, status }: Budget, read: (status: Status) => Reading): Reading {
  const seen = status?.observedGeneration
  if (status === undefined || (metadata.generation !== undefined && (seen ?? 0) < metadata.generation))
    return unknown('not-recorded', 'the disruption controller has not looked at it yet')
  return read(status)
}

/** Whether a budget could not allow an eviction even with every pod healthy, as it is now. */
function neverAllows({
  expectedPods = 0,
  desiredHealthy = 0,
  currentHealthy = 0,
  disruptionsAllowed = 0,
}: Status): boolean {
  const healthy = currentHealthy >= expectedPods
  return expectedPods > 0 && healthy && disruptionsAllowed === 0 && desiredHealthy >= expectedPods
}

function asksFor({ spec }: Budget): string {
  if (spec?.maxUnavailable !== undefined) return `maxUnavailable ${spec.maxUnavailable}`
  return spec?.minAvailable === undefined ? 'nothing' : `minAvailable ${spec.minAvailable}`
}

const count = (
  name: 'expectedPods' | 'currentHealthy' | 'desiredHealthy' | 'disruptionsAllowed',
  description: string,
) =>
  fact({
    name,
    subjects: ['disruption-budget'],
    type: 'number',
    description,
    reads: [],
    read: ({ object }) => computed(object, (status) => recorded(status[name], `the budget has no ${name}`)),
  })

/** What a PodDisruptionBudget allows, by its own status. */
export const DISRUPTION_BUDGET_FACTS: readonly Fact[] = [
  fact({
    name: 'neverAllowsEviction',
    subjects: ['disruption-budget'],
    type: 'boolean',
    description:
      'Whether all pods are healthy and the budget still allows no eviction, since it wants as many healthy as there are. False while pods are unhealthy, and for a budget without pods.',
    reads: [],
    read: ({ object }) =>
      computed(object, (status) =>
        neverAllows(status)
          ? known(true, { since: conditionSince(conditionOf(object, 'DisruptionAllowed')) })
          : known(false),
      ),
  }),
  fact({
    name: 'budget',
    subjects: ['disruption-budget'],
    type: 'string',
    description: 'What the budget asks for, as written: `minAvailable 100%`, `maxUnavailable 0`.',
    reads: [],
    read: ({ object }) => known(asksFor(object)),
  }),
  count('expectedPods', 'How many pods the budget counts.'),
  count('currentHealthy', 'How many of them are healthy.'),
  count('desiredHealthy', 'How many must stay healthy.'),
  count('disruptionsAllowed', 'How many evictions the budget allows now.'),
]
