import type { Fact } from './fact.ts'

/** Every fact there is, in the order it is documented. A new subject area adds its array here. */
export const FACTS: readonly Fact[] = []
