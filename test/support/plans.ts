import assert from 'node:assert/strict'
import { isRefusal, type Refusal } from '../../src/remediation/action.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { plan, type Plan } from '../../src/remediation/plan.ts'
import { NOW, snapshotOf, type Looked, type Raw } from './build.ts'
import { grounds } from './proposals.ts'

export interface PlanAsked {
  readonly action: string
  readonly on: Raw
  /** Everything that exists beside it. */
  readonly others?: readonly Raw[]
  readonly looked?: Looked
  readonly finding?: Parameters<typeof grounds>[1]
  /** Default what the action proposes. */
  readonly parameters?: object
}

/** What an action of the catalogue makes of an object. */
export function outcomeOf({ action, on, others = [], looked, finding, parameters }: PlanAsked): Plan | Refusal {
  const snapshot = snapshotOf([on, ...others.filter((other) => other !== on)], looked)
  const object = snapshot.byUid(String(on.metadata['uid']))
  const found = ACTIONS.find(({ name }) => name === action)
  assert.ok(object && found)
  return plan(found, object, { snapshot, finding: grounds(on, finding), now: NOW }, parameters)
}

/** The plan, where there is to be one. */
export function planOf(asked: PlanAsked): Plan {
  const outcome = outcomeOf(asked)
  assert.ok(!isRefusal(outcome), JSON.stringify(outcome))
  return outcome
}

/** The word of the refusal; `planned` where there is none. */
export const refusalOf = (asked: PlanAsked): string => {
  const outcome = outcomeOf(asked)
  return isRefusal(outcome) ? outcome.refused : 'planned'
}
