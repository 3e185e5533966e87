import type { Path } from '../util/json.ts'
import type { Operand } from './operand.ts'
import type { OperatorName } from './operators.ts'
import type { Slot } from './slots.ts'

export interface Leaf {
  readonly kind: 'leaf'
  readonly slot: Slot
  readonly operator: OperatorName
  readonly operand: Operand
  readonly path: Path
}

/** A condition with every name looked up. */
export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'named'; readonly name: string }
  | Leaf

/** The conditions of one rule. `definitions` hold no circle and `leaves` is bounded, named conditions written out. */
export interface Conditions {
  readonly root: Condition
  readonly definitions: ReadonlyMap<string, Condition>
  readonly thresholds: Readonly<Record<string, number>>
}
