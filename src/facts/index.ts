import { AUTOSCALER_FACTS } from './autoscaler.ts'
import { CLAIM_STORAGE_FACTS } from './claim-storage.ts'
import { CLAIM_FACTS } from './claim.ts'
import { CONTAINER_CONFIG_FACTS } from './container-config.ts'
import { CONTAINER_CRASH_FACTS } from './container-crash.ts'
import { CONTAINER_IMAGE_FACTS } from './container-image.ts'
import { CONTAINER_MEMORY_FACTS } from './container-memory.ts'
import { CONTAINER_PROBE_FACTS } from './container-probe.ts'
import { CONTAINER_SIZING_FACTS } from './container-sizing.ts'
import { CONTAINER_USAGE_FACTS } from './container-usage.ts'
import { CONTAINER_FACTS } from './container.ts'
import { CRONJOB_FACTS } from './cronjob.ts'
import { DELETION_FACTS } from './deletion.ts'
import { DISRUPTION_BUDGET_FACTS } from './disruption-budget.ts'
import type { Fact } from './fact.ts'
import { JOB_FACTS } from './job.ts'
import { MANAGED_BY_FACTS } from './managed-by.ts'
import { NODE_FACTS } from './node.ts'
import { POD_FACTS } from './pod.ts'
import { QUOTA_FACTS } from './quota.ts'
import { SCHEDULING_FACTS } from './scheduling.ts'
import { SERVICE_FACTS } from './service.ts'
import { SUPPRESSION_FACTS } from './suppression.ts'
import { VOLUME_FACTS } from './volume.ts'
import { WEBHOOK_FACTS } from './webhook.ts'
import { REFUSAL_FACTS } from './workload-refusal.ts'
import { ROLLOUT_FACTS } from './workload-rollout.ts'
import { WORKLOAD_FACTS } from './workload.ts'

/** Every fact there is, in the order it is documented. A new subject area adds its array here. */
export const FACTS: readonly Fact[] = [
  ...CONTAINER_FACTS,
  ...CONTAINER_CRASH_FACTS,
  ...CONTAINER_MEMORY_FACTS,
  ...CONTAINER_IMAGE_FACTS,
  ...CONTAINER_CONFIG_FACTS,
  ...CONTAINER_PROBE_FACTS,
  ...CONTAINER_USAGE_FACTS,
  ...CONTAINER_SIZING_FACTS,
  ...POD_FACTS,
  ...SCHEDULING_FACTS,
  ...WORKLOAD_FACTS,
  ...ROLLOUT_FACTS,
  ...REFUSAL_FACTS,
  ...JOB_FACTS,
  ...CRONJOB_FACTS,
  ...NODE_FACTS,
  ...SERVICE_FACTS,
  ...AUTOSCALER_FACTS,
  ...DISRUPTION_BUDGET_FACTS,
  ...WEBHOOK_FACTS,
  ...CLAIM_FACTS,
  ...CLAIM_STORAGE_FACTS,
  ...VOLUME_FACTS,
  ...QUOTA_FACTS,
  ...DELETION_FACTS,
  ...MANAGED_BY_FACTS,
  ...SUPPRESSION_FACTS,
]
