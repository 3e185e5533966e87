import type { Probe } from '../cluster/projection/pod-spec.ts'
import { SECOND } from '../util/time.ts'

/** How long a probe is given before its failures count, in milliseconds. The API server writes the defaults into every probe. */
export const budgetOf = ({ initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 }: Probe): number =>
  (initialDelaySeconds + periodSeconds * failureThreshold) * SECOND
