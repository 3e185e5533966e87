import { at, object } from './object.ts'
import { array, boolean, map, string, type Projected } from './shape.ts'
import { quantity, time } from './values.ts'
import { condition, labelSelector, meta } from './meta.ts'

const dataSource = object({
  apiGroup: at(1, string, 'always'),
  kind: at(2, string, 'always'),
  name: at(3, string, 'always'),
  namespace: at(4, string, 'always'),
})

export const claimSpec = object({
  accessModes: at(1, array(string)),
  storageClassName: at(5, string, 'always'),
  volumeName: at(3, string),
  volumeMode: at(6, string, 'always'),
  resources: at(2, object({ requests: at(2, map(quantity)) })),
  selector: at(4, labelSelector),
  dataSource: at(7, dataSource),
  dataSourceRef: at(8, dataSource),
})

export const claim = object({
  metadata: at(1, meta),
  spec: at(2, claimSpec),
  status: at(3, object({ phase: at(1, string), capacity: at(3, map(quantity)), conditions: at(4, array(condition)) })),
})
export type Claim = Projected<typeof claim>

export const volume = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      capacity: at(1, map(quantity)),
      accessModes: at(3, array(string)),
      storageClassName: at(6, string),
      volumeMode: at(8, string, 'always'),
      persistentVolumeReclaimPolicy: at(5, string),
      claimRef: at(4, object({ namespace: at(2, string), name: at(3, string), uid: at(4, string) })),
      nodeAffinity: at(
        9,
        object({
          required: at(
            1,
            object({
              nodeSelectorTerms: at(
                1,
                array(
                  object({
                    matchExpressions: at(
                      1,
                      array(
                        object({
                          key: at(1, string, 'always'),
                          operator: at(2, string, 'always'),
                          values: at(3, array(string)),
                        }),
                      ),
                    ),
                  }),
                ),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
  status: at(
    3,
    object({
      phase: at(1, string),
      reason: at(3, string),
      message: at(2, string),
      lastPhaseTransitionTime: at(4, time),
    }),
  ),
})
export type Volume = Projected<typeof volume>

export const storageClass = object({
  metadata: at(1, meta),
  provisioner: at(2, string, 'always'),
  reclaimPolicy: at(4, string, 'always'),
  volumeBindingMode: at(7, string, 'always'),
  allowVolumeExpansion: at(6, boolean, 'always'),
  allowedTopologies: at(
    8,
    array(
      object({
        matchLabelExpressions: at(1, array(object({ key: at(1, string, 'always'), values: at(2, array(string)) }))),
      }),
    ),
  ),
})
export type StorageClass = Projected<typeof storageClass>

export const volumeSnapshot = object({
  metadata: meta,
  spec: object({ source: object({ persistentVolumeClaimName: string }) }),
  status: object({ readyToUse: boolean }),
})
export type VolumeSnapshot = Projected<typeof volumeSnapshot>
