import { array, boolean, map, object, quantity, string, type Projected } from './shape.ts'
import { condition, labelSelector, meta } from './meta.ts'

const dataSource = object({ apiGroup: string, kind: string, name: string, namespace: string })

export const claimSpec = object({
  accessModes: array(string),
  storageClassName: string,
  volumeName: string,
  volumeMode: string,
  resources: object({ requests: map(quantity) }),
  selector: labelSelector,
  dataSource,
  dataSourceRef: dataSource,
})

export const claim = object({
  metadata: meta,
  spec: claimSpec,
  status: object({ phase: string, capacity: map(quantity), conditions: array(condition) }),
})
export type Claim = Projected<typeof claim>

export const volume = object({
  metadata: meta,
  spec: object({
    capacity: map(quantity),
    accessModes: array(string),
    storageClassName: string,
    volumeMode: string,
    persistentVolumeReclaimPolicy: string,
    claimRef: object({ namespace: string, name: string, uid: string }),
    nodeAffinity: object({
      required: object({
        nodeSelectorTerms: array(
          object({ matchExpressions: array(object({ key: string, operator: string, values: array(string) })) }),
        ),
      }),
    }),
  }),
  status: object({ phase: string, reason: string, message: string, lastPhaseTransitionTime: string }),
})
export type Volume = Projected<typeof volume>

export const storageClass = object({
  metadata: meta,
  provisioner: string,
  reclaimPolicy: string,
  volumeBindingMode: string,
  allowVolumeExpansion: boolean,
  allowedTopologies: array(object({ matchLabelExpressions: array(object({ key: string, values: array(string) })) })),
})
export type StorageClass = Projected<typeof storageClass>

export const volumeSnapshot = object({
  metadata: meta,
  spec: object({ source: object({ persistentVolumeClaimName: string }) }),
  status: object({ readyToUse: boolean }),
})
export type VolumeSnapshot = Projected<typeof volumeSnapshot>
