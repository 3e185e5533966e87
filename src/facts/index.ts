import { CRONJOB_FACTS } from './cronjob.ts'
import type { Fact } from './fact.ts'
import { JOB_FACTS } from './job.ts'
import { MANAGED_BY_FACTS } from './managed-by.ts'
import { SUPPRESSION_FACTS } from './suppression.ts'
import { REFUSAL_FACTS } from './workload-refusal.ts'
import { ROLLOUT_FACTS } from './workload-rollout.ts'
import { WORKLOAD_FACTS } from './workload.ts'

/** Every fact there is, in the order it is documented. A new subject area adds its array here. */
export const FACTS: readonly Fact[] = [
  ...WORKLOAD_FACTS,
  ...ROLLOUT_FACTS,
  ...REFUSAL_FACTS,
  ...JOB_FACTS,
  ...CRONJOB_FACTS,
  ...MANAGED_BY_FACTS,
  ...SUPPRESSION_FACTS,
]
