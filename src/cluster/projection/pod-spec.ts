import { heapFlagOf, type HeapFlag } from './heap-flag.ts'
import { labelSelector } from './meta.ts'
import { array, boolean, intOrString, map, number, object, present, quantity, string } from './shape.ts'
import type { Projected, Shape } from './shape.ts'
import { shared, word } from './shared.ts'

const resources = object({ requests: map(quantity), limits: map(quantity) })

// Of a probe only what it asks and how often: enough to say which probe fails, nothing of its headers.
const probe = object({
  httpGet: object({ path: string, port: intOrString, scheme: string }),
  tcpSocket: object({ port: intOrString }),
  grpc: object({ port: number }),
  exec: object({}),
  initialDelaySeconds: number,
  periodSeconds: number,
  timeoutSeconds: number,
  failureThreshold: number,
})
export type Probe = Projected<typeof probe>

// No environment, command or argument: they are where secrets stand in clear text. Of them only whether a heap of a fixed size is asked for.
const fields = object({
  name: string,
  image: string,
  imagePullPolicy: string,
  restartPolicy: string,
  resources,
  ports: array(object({ name: string, containerPort: number, hostPort: number, hostIP: string, protocol: string })),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
})

export type Container = Projected<typeof fields> & { readonly heapFlag?: HeapFlag }

const container: Shape<Container> = (raw) => {
  const projected = fields(raw)
  const heapFlag = projected && heapFlagOf(raw)
  return heapFlag === undefined ? projected : { ...projected, heapFlag }
}

const volume = object({
  name: string,
  persistentVolumeClaim: object({ claimName: string }),
  ephemeral: object({ volumeClaimTemplate: object({ spec: object({ storageClassName: string }) }) }),
  configMap: object({ name: string, optional: boolean }),
  secret: object({ secretName: string, optional: boolean }),
  emptyDir: present,
  hostPath: present,
  projected: object({
    sources: array(
      object({
        configMap: object({ name: string, optional: boolean }),
        secret: object({ name: string, optional: boolean }),
      }),
    ),
  }),
})

const requirement = object({ key: string, operator: string, values: array(string) })
export type Requirement = Projected<typeof requirement>
const nodeTerm = object({ matchExpressions: array(requirement), matchFields: array(requirement) })
export type NodeTerm = Projected<typeof nodeTerm>

const podTerm = object({
  labelSelector,
  namespaces: array(string),
  namespaceSelector: labelSelector,
  topologyKey: string,
})
export type PodTerm = Projected<typeof podTerm>
const podTerms = object({ requiredDuringSchedulingIgnoredDuringExecution: array(podTerm) })

const toleration = object({ key: string, operator: string, value: string, effect: string, tolerationSeconds: number })
export type Toleration = Projected<typeof toleration>

export const podSpec = object({
  nodeName: word,
  schedulerName: word,
  serviceAccountName: word,
  restartPolicy: word,
  priority: number,
  priorityClassName: word,
  preemptionPolicy: word,
  hostNetwork: boolean,
  overhead: map(quantity),
  resources,
  schedulingGates: array(object({ name: string })),
  resourceClaims: array(object({ name: string })),
  nodeSelector: shared(map(string)),
  tolerations: shared(array(toleration)),
  affinity: shared(
    object({
      nodeAffinity: object({
        requiredDuringSchedulingIgnoredDuringExecution: object({ nodeSelectorTerms: array(nodeTerm) }),
      }),
      podAffinity: podTerms,
      podAntiAffinity: podTerms,
    }),
  ),
  topologySpreadConstraints: shared(
    array(
      object({
        maxSkew: number,
        topologyKey: string,
        whenUnsatisfiable: string,
        labelSelector,
        matchLabelKeys: array(string),
        nodeAffinityPolicy: string,
        nodeTaintsPolicy: string,
        minDomains: number,
      }),
    ),
  ),
  readinessGates: array(object({ conditionType: string })),
  imagePullSecrets: shared(array(object({ name: string }))),
  volumes: shared(array(volume)),
  initContainers: shared(array(container)),
  containers: shared(array(container)),
})
export type PodSpec = Projected<typeof podSpec>

export const podTemplate = object({
  metadata: object({ labels: map(string), annotations: map(string) }),
  spec: podSpec,
})
export type PodTemplate = Projected<typeof podTemplate>
