import type { Action } from '../action.ts'
import { annotateObject } from './annotate-object.ts'
import { cordonNode } from './cordon-node.ts'
import { deleteAutoscaler } from './delete-autoscaler.ts'
import { deleteClaim } from './delete-claim.ts'
import { deleteFinishedPod } from './delete-finished-pod.ts'
import { deleteJob } from './delete-job.ts'
import { deletePod } from './delete-pod.ts'
import { evictPod } from './evict-pod.ts'
import { pauseRollout } from './pause-rollout.ts'
import { quarantineWorkload } from './quarantine-workload.ts'
import { restartWorkload } from './restart-workload.ts'
import { rollbackWorkload } from './rollback-workload.ts'
import { scaleWorkload } from './scale-workload.ts'
import { setResources } from './set-resources.ts'
import { uncordonNode } from './uncordon-node.ts'

/** Every action there is, by tier and mildest first. A new action is one file and one line here. */
export const ACTIONS: readonly Action[] = [
  annotateObject,
  evictPod,
  deletePod,
  uncordonNode,
  restartWorkload,
  rollbackWorkload,
  setResources,
  scaleWorkload,
  pauseRollout,
  cordonNode,
  quarantineWorkload,
  deleteJob,
  deleteFinishedPod,
  deleteAutoscaler,
  deleteClaim,
]
