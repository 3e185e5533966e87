import { managedFields, Template } from './template.ts'

/** How a pod is. The order is its way of life. */
export const STATES = ['pending', 'creating', 'starting', 'running', 'crashed', 'imageless', 'terminating'] as const
export type State = (typeof STATES)[number]

/** Environment variables of the three sizes of pod: 5.8, 7.1 and 8.6 KB. */
const VARIABLES = [0, 11, 23] as const

const IMAGE = 'registry.example/team/app:1.<revision>'
const IMAGE_ID = `registry.example/team/app@sha256:${'0d1c2b3a'.repeat(8)}`

const env = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => ({ name: `SETTING_${at}`, value: `value-of-setting-${at}` }))

const PROBE = {
  httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' },
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
}
const RESOURCES = { limits: { memory: '256Mi' }, requests: { cpu: '50m', memory: '128Mi' } }
// Under a name that no other pod has.
const TOKEN_MOUNT = {
  name: 'kube-api-access-<token>',
  readOnly: true,
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
}
const TOKEN = {
  name: 'kube-api-access-<token>',
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
  },
}

const volumesOf = (claim: boolean, token: 'token' | undefined): object => {
  const data = { name: 'data', persistentVolumeClaim: { claimName: 'data-<app>' } }
  const volumes = [...(claim ? [data] : []), ...(token ? [TOKEN] : [])]
  return volumes.length > 0 ? { volumes } : {}
}

/** The spec that an app has for its pods. `claim`: whether they share a volume. `token`: what each pod is given when it is made. */
export const podSpec = (variables: number, claim: boolean, token?: 'token'): Readonly<Record<string, unknown>> => ({
  ...volumesOf(claim, token),
  containers: [
    {
      name: 'app',
      image: IMAGE,
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      env: env(variables),
      resources: RESOURCES,
      volumeMounts: [...(claim ? [{ name: 'data', mountPath: '/data' }] : []), ...(token ? [TOKEN_MOUNT] : [])],
      readinessProbe: PROBE,
      livenessProbe: PROBE,
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    },
  ],
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  dnsPolicy: 'ClusterFirst',
  serviceAccountName: 'default',
  serviceAccount: 'default',
  securityContext: {},
  schedulerName: 'default-scheduler',
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
  priority: 0,
})

const TOLERATIONS = ['not-ready', 'unreachable'].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))

const condition = (type: string, holds: boolean): object => ({
  type,
  status: holds ? 'True' : 'False',
  lastProbeTime: null,
  lastTransitionTime: '<since>',
  observedGeneration: 1,
  ...(holds || type === 'PodScheduled'
    ? {}
    : { reason: 'ContainersNotReady', message: 'containers with unready status: [app]' }),
})

const DEAD = {
  exitCode: 1,
  reason: 'Error',
  startedAt: '<died>',
  finishedAt: '<died>',
  containerID: 'containerd://<uid>',
}
const RUNNING = { running: { startedAt: '<since>' } }

const CONTAINER: Readonly<Record<State, object>> = {
  pending: {},
  creating: { state: { waiting: { reason: 'ContainerCreating' } }, lastState: {} },
  starting: { state: RUNNING, lastState: {}, started: true },
  running: { state: RUNNING, lastState: {}, started: true },
  crashed: {
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 1m20s restarting failed container=app' } },
    lastState: { terminated: DEAD },
    started: false,
  },
  imageless: {
    state: {
      waiting: {
        reason: 'ImagePullBackOff',
        message: 'Back-off pulling image "registry.example/team/app": ErrImagePull: not found',
      },
    },
    lastState: {},
    started: false,
  },
  terminating: { state: RUNNING, lastState: {}, started: true },
}

const isReady = (state: State): boolean => state === 'running' || state === 'terminating'

function statusOf(state: State): Readonly<Record<string, unknown>> {
  if (state === 'pending') return { phase: 'Pending', qosClass: 'Burstable', observedGeneration: 1 }
  const ready = isReady(state)
  const began = state !== 'creating' && state !== 'imageless'
  return {
    observedGeneration: 1,
    phase: began ? 'Running' : 'Pending',
    conditions: [
      condition('PodReadyToStartContainers', state !== 'creating'),
      condition('Initialized', true),
      condition('Ready', ready),
      condition('ContainersReady', ready),
      condition('PodScheduled', true),
    ],
    hostIP: '10.200.0.1',
    hostIPs: [{ ip: '10.200.0.1' }],
    podIP: '<address>',
    podIPs: [{ ip: '<address>' }],
    startTime: '<born>',
    containerStatuses: [
      {
        name: 'app',
        ...CONTAINER[state],
        ready,
        restartCount: '<=restarts>',
        image: IMAGE,
        imageID: IMAGE_ID,
        containerID: 'containerd://<uid>',
        allocatedResources: RESOURCES.requests,
        resources: RESOURCES,
      },
    ],
    qosClass: 'Burstable',
  }
}

function podTemplate(variables: number, claim: boolean, state: State): Template {
  const labels = { 'app.kubernetes.io/name': '<app>', 'pod-template-hash': '<hash>' }
  const metadata = {
    name: '<name>',
    generateName: '<set>-',
    namespace: '<namespace>',
    uid: '<uid>',
    resourceVersion: '<rv>',
    generation: 1,
    creationTimestamp: '<born>',
    labels,
    ...(state === 'terminating' ? { deletionTimestamp: '<deleted>', deletionGracePeriodSeconds: 30 } : {}),
    ownerReferences: [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: '<set>',
        uid: '<setUid>',
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  }
  const status = statusOf(state)
  const spec = podSpec(variables, claim, 'token')
  const placed = { ...spec, tolerations: TOLERATIONS, ...(state === 'pending' ? {} : { nodeName: '<node>' }) }
  // The kubelet owns the list of containers as a whole, and nobody the volume of the token.
  const owned = { ...status, containerStatuses: true, hostIPs: true, podIPs: true }
  const made = { metadata: { generateName: '', labels }, spec: { ...spec, volumes: true } }
  const managed = managedFields('<born>', made, owned)
  return new Template({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { ...metadata, managedFields: managed },
    spec: placed,
    status,
  })
}

/** By size, by whether there is a claim, by state. */
const TEMPLATES = VARIABLES.map((variables) =>
  [false, true].map((claim) => STATES.map((state) => podTemplate(variables, claim, state))),
)

/** Environment variables that the pods of an app have: a third of the apps is of each size. */
export const variablesOf = (app: number): number => VARIABLES[app % VARIABLES.length] ?? 0

export function podTemplateOf(app: number, claim: boolean, state: number): Template {
  const found = TEMPLATES[app % VARIABLES.length]?.[Number(claim)]?.[state]
  if (found === undefined) throw new Error(`there is no state ${state}`)
  return found
}
