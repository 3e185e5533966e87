import type { Fact } from './fact.ts'
import { MANAGED_BY_FACTS } from './managed-by.ts'
import { SUPPRESSION_FACTS } from './suppression.ts'

/** Every fact there is, in the order it is documented. A new subject area adds its array here. */
export const FACTS: readonly Fact[] = [...MANAGED_BY_FACTS, ...SUPPRESSION_FACTS]
