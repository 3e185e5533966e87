import { compareText } from '../util/order.ts'
import { SEVERITIES, type Severity } from './rule.ts'

/** Where a severity stands: 0 for the gravest. */
export const gravityOf = (severity: Severity): number => SEVERITIES.indexOf(severity)

/** Where something stands in the order of findings. */
export interface Graded {
  readonly id: string
  readonly severity: Severity
}

/** The order in which findings and rules are given: the gravest first, then by id. */
export const byGravity = (a: Graded, b: Graded): number =>
  gravityOf(a.severity) - gravityOf(b.severity) || compareText(a.id, b.id)
