import { formatTime, SECOND } from '../../util/time.ts'
import { nameEnd, type Context } from './context.ts'
import { isTrue } from './conditions.ts'
import type { KubeObject, OwnerReference, Pod, PodSpec, Template, Toleration } from './objects.ts'
import { qosClass } from './pod-status.ts'
import { refusalOf } from './quota.ts'

export const ownerOf = ({ apiVersion, kind, metadata }: KubeObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

export const isReady = ({ status }: Pod): boolean => isTrue(status?.conditions, 'Ready')
export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'
export const isDeleting = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined
/** A pod that a controller counts on. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && !isDeleting(pod)

const noExecute = (key: string): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
})
const ALWAYS_TOLERATED = ['not-ready', 'unreachable'].map(noExecute)

/** What admission adds to every pod. */
function admitted(spec: PodSpec, token: string): PodSpec {
  const name = `kube-api-access-${token}`
  const mount = { name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
  const tolerations = spec.tolerations ?? []
  const missing = ALWAYS_TOLERATED.filter(
    ({ key }) => !tolerations.some((one) => one.key === key || one.key === undefined),
  )
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    schedulerName: 'default-scheduler',
    ...spec,
    volumes: [...(spec.volumes ?? []), { name, projected: { sources: [], defaultMode: 420 } }],
    containers: spec.containers.map((container) => ({
      ...container,
      volumeMounts: [...(container.volumeMounts ?? []), mount],
    })),
    tolerations: [...tolerations, ...missing],
  }
}

export interface PodOrder {
  readonly owner: KubeObject
  readonly template: Template
  /** The whole name; otherwise the owner's with a random end. */
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly nodeSelector?: Readonly<Record<string, string>>
}

/** Makes a pod for an owner. What it returns when a quota refuses: the words of the API server. */
export function createPod(context: Context, order: PodOrder): Pod | string {
  const { owner, template } = order
  const generateName = `${owner.metadata.name}-`
  const name = order.name ?? `${generateName}${nameEnd(context)}`
  const { namespace = 'default' } = owner.metadata
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(order.name === undefined ? { generateName } : {}),
      namespace,
      creationTimestamp: formatTime(context.engine.now()),
      labels: { ...template.metadata.labels, ...order.labels },
      ...(template.metadata.annotations ? { annotations: template.metadata.annotations } : {}),
      ownerReferences: [ownerOf(owner)],
    },
    spec: {
      ...admitted(template.spec, nameEnd(context)),
      ...(order.nodeSelector ? { nodeSelector: { ...template.spec.nodeSelector, ...order.nodeSelector } } : {}),
    },
  }
  const refused = refusalOf(context.store, pod)
  if (refused !== undefined) return refused
  return context.store.create({ ...pod, status: { phase: 'Pending', qosClass: qosClass(pod) } })
}

/** Asks for the end of a pod: at once for one that is nowhere, else its kubelet ends it. */
export function deletePod({ store, engine }: Context, pod: Pod, condition?: object): void {
  const now = store.fresh(pod)
  if (now === undefined || isDeleting(now)) return
  if (now.spec.nodeName === undefined) return store.remove(now)
  const { terminationGracePeriodSeconds: grace = 30 } = now.spec
  store.update({
    ...now,
    metadata: {
      ...now.metadata,
      deletionTimestamp: formatTime(engine.now() + grace * SECOND),
      deletionGracePeriodSeconds: grace,
    },
    ...(condition
      ? { status: { ...now.status, conditions: [...(now.status?.conditions ?? []), condition] } as Pod['status'] }
      : {}),
  } as Pod)
}
