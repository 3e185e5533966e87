import { heapFlagOf, type HeapFlag } from './heap-flag.ts'
import { labelSelector } from './meta.ts'
import { at, inline, object } from './object.ts'
import { array, boolean, both, map, number, present, string } from './shape.ts'
import type { Both, Projected } from './shape.ts'
import { shared, word } from './shared.ts'
import { intOrString, quantity } from './values.ts'

const resources = object({ requests: at(2, map(quantity)), limits: at(1, map(quantity)) })

// Of a probe only what it asks and how often: enough to say which probe fails, nothing of its headers.
const probe = object(
  {
    initialDelaySeconds: at(2, number),
    periodSeconds: at(4, number),
    timeoutSeconds: at(3, number),
    failureThreshold: at(6, number),
  },
  inline(1, {
    httpGet: at(2, object({ path: at(1, string), port: at(2, intOrString, 'always'), scheme: at(4, string) })),
    tcpSocket: at(3, object({ port: at(1, intOrString, 'always') })),
    grpc: at(4, object({ port: at(1, number, 'always') })),
    exec: at(1, object({})),
  }),
)
export type Probe = Projected<typeof probe>

const port = object({
  name: at(1, string),
  containerPort: at(3, number, 'always'),
  hostPort: at(2, number),
  hostIP: at(5, string),
  protocol: at(4, string),
})

// No environment, command or argument: they are where secrets stand in clear text. Of them only whether a heap of a fixed size is asked for.
const fields = object({
  name: at(1, string, 'always'),
  image: at(2, string),
  imagePullPolicy: at(14, string),
  restartPolicy: at(24, string, 'always'),
  resources: at(8, resources),
  ports: at(6, array(port)),
  livenessProbe: at(10, probe),
  readinessProbe: at(11, probe),
  startupProbe: at(22, probe),
})
const started = object({
  command: at(3, array(string)),
  args: at(4, array(string)),
  env: at(7, array(object({ name: at(1, string), value: at(2, string) }))),
})

export type Container = Projected<typeof fields> & { readonly heapFlag?: HeapFlag }

const flagged = (projected: Container | undefined, raw: unknown): Container | undefined => {
  const heapFlag = projected && heapFlagOf(raw)
  return heapFlag === undefined ? projected : { ...projected, heapFlag }
}
const container: Both<Container> = both(
  (raw) => flagged(fields(raw), raw),
  (reader, tag) => {
    const from = reader.place
    const projected = fields.wire(reader, tag)
    reader.back(from)
    return flagged(projected, started.wire(reader, tag))
  },
)

const template = object({ spec: at(2, object({ storageClassName: at(5, string, 'always') })) })
const anyVolume = object(
  { name: at(1, string, 'always') },
  inline(2, {
    persistentVolumeClaim: at(10, object({ claimName: at(1, string, 'always') })),
    ephemeral: at(29, object({ volumeClaimTemplate: at(1, template) })),
    emptyDir: at(2, present),
    hostPath: at(1, present),
  }),
)
type Volume = Projected<typeof anyVolume>

// Of others nothing is asked. Each pod has one for its token, under a name that no other has.
const holding = (read: Volume | undefined): Volume | undefined =>
  read && (read.persistentVolumeClaim ?? read.ephemeral ?? read.emptyDir ?? read.hostPath) ? read : undefined
const volume: Both<Volume> = both(
  (raw) => holding(anyVolume(raw)),
  (reader, tag) => holding(anyVolume.wire(reader, tag)),
)

const requirement = object({
  key: at(1, string, 'always'),
  operator: at(2, string, 'always'),
  values: at(3, array(string)),
})
export type Requirement = Projected<typeof requirement>
const nodeTerm = object({ matchExpressions: at(1, array(requirement)), matchFields: at(2, array(requirement)) })
export type NodeTerm = Projected<typeof nodeTerm>

const podTerm = object({
  labelSelector: at(1, labelSelector),
  namespaces: at(2, array(string)),
  namespaceSelector: at(4, labelSelector),
  topologyKey: at(3, string, 'always'),
})
export type PodTerm = Projected<typeof podTerm>
const podTerms = object({ requiredDuringSchedulingIgnoredDuringExecution: at(1, array(podTerm)) })
const nodeTerms = object({ nodeSelectorTerms: at(1, array(nodeTerm)) })

const toleration = object({
  key: at(1, string),
  operator: at(2, string),
  value: at(3, string),
  effect: at(4, string),
  tolerationSeconds: at(5, number, 'always'),
})
export type Toleration = Projected<typeof toleration>

const spread = object({
  maxSkew: at(1, number, 'always'),
  topologyKey: at(2, string, 'always'),
  whenUnsatisfiable: at(3, string, 'always'),
  labelSelector: at(4, labelSelector),
  matchLabelKeys: at(8, array(string)),
  nodeAffinityPolicy: at(6, string, 'always'),
  nodeTaintsPolicy: at(7, string, 'always'),
  minDomains: at(5, number, 'always'),
})

const affinity = object({
  nodeAffinity: at(1, object({ requiredDuringSchedulingIgnoredDuringExecution: at(1, nodeTerms) })),
  podAffinity: at(2, podTerms),
  podAntiAffinity: at(3, podTerms),
})

// Each pod has its token mounted from a volume whose name no other has.
const VOLUME_MOUNTS = 9

export const podSpec = object({
  nodeName: at(10, word),
  schedulerName: at(19, word),
  serviceAccountName: at(8, word),
  restartPolicy: at(3, word),
  priority: at(25, number, 'always'),
  priorityClassName: at(24, word),
  preemptionPolicy: at(31, word, 'always'),
  hostNetwork: at(11, boolean),
  overhead: at(32, map(quantity)),
  resources: at(40, resources),
  schedulingGates: at(38, array(object({ name: at(1, string, 'always') }))),
  resourceClaims: at(39, array(object({ name: at(1, string, 'always') }))),
  nodeSelector: at(7, shared(map(string))),
  tolerations: at(22, shared(array(toleration))),
  affinity: at(18, shared(affinity)),
  topologySpreadConstraints: at(33, shared(array(spread))),
  readinessGates: at(28, array(object({ conditionType: at(1, string, 'always') }))),
  imagePullSecrets: at(15, shared(array(object({ name: at(1, string) })))),
  volumes: at(1, shared(array(volume))),
  initContainers: at(20, shared(array(container), [VOLUME_MOUNTS])),
  containers: at(2, shared(array(container), [VOLUME_MOUNTS])),
})
export type PodSpec = Projected<typeof podSpec>

export const podTemplate = object({
  metadata: at(1, object({ labels: at(11, map(string)), annotations: at(12, map(string)) })),
  spec: at(2, podSpec),
})
export type PodTemplate = Projected<typeof podTemplate>
