import { ago, condition, object, suffix, uidOf, type Item } from './kit.ts'
import { pod, running, templateSpec, usage } from './pods.ts'
import { selectorOf, templateOf, type App } from './workloads.ts'

const CLASS = 'csi-ssd'
const DRIVER = 'csi.disks.example'

export interface Disk {
  readonly namespace: string
  readonly name: string
  readonly age: string
  readonly size: string
  readonly labels?: Readonly<Record<string, string>>
  /** How long ago the last pod let go of it; left out while one holds it. */
  readonly unused?: string
}

const BOUND = {
  'pv.kubernetes.io/bind-completed': 'yes',
  'pv.kubernetes.io/bound-by-controller': 'yes',
  'volume.kubernetes.io/storage-provisioner': DRIVER,
}
const SHAPE = { accessModes: ['ReadWriteOnce'], storageClassName: CLASS, volumeMode: 'Filesystem' }

/** A bound claim and its volume. */
export function disk({ namespace, name, age, size, labels = {}, unused }: Disk): Item[] {
  const volumeName = `pvc-${uidOf('PersistentVolumeClaim', namespace, name)}`
  const idle = unused === undefined ? [] : [condition('Unused', 'True', unused, { reason: 'NoPodsUsingPVC' })]
  const claim = object(
    'v1 PersistentVolumeClaim',
    {
      namespace,
      name,
      age,
      labels,
      annotations: BOUND,
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
    },
    {
      spec: { ...SHAPE, resources: { requests: { storage: size } }, volumeName },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: size }, conditions: idle },
    },
  )
  const { uid } = claim.metadata
  const volume = object(
    'v1 PersistentVolume',
    {
      name: volumeName,
      age,
      annotations: { 'pv.kubernetes.io/provisioned-by': DRIVER },
      metadata: { finalizers: ['kubernetes.io/pv-protection'] },
    },
    {
      spec: {
        ...SHAPE,
        capacity: { storage: size },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
        csi: { driver: DRIVER, fsType: 'ext4', volumeHandle: `disk-${suffix(12, volumeName)}` },
        persistentVolumeReclaimPolicy: 'Delete',
      },
      status: { phase: 'Bound', lastPhaseTransitionTime: ago(age) },
    },
  )
  return [claim, volume]
}

export interface Stateful extends App {
  readonly size: string
}

/** A StatefulSet all of whose pods run, each with its disk. */
export function statefulSet(app: Stateful): Item[] {
  const { namespace, app: name, age, nodes } = app
  const { labels } = templateOf(app)
  const revision = `${name}-${suffix(9, name)}`
  const top = object(
    'apps/v1 StatefulSet',
    { namespace, name, age, labels, metadata: { generation: 2 } },
    { spec: specOf(app), status: statusOf(nodes.length, revision) },
  )
  const template = { $patch: 'replace', ...templateShape(app) }
  const history = object(
    'apps/v1 ControllerRevision',
    { namespace, name: revision, age, owner: top, labels },
    { data: { spec: { template } }, revision: 1 },
  )
  return [top, history, ...nodes.flatMap((node, index) => member(app, top, { node, index, revision }))]
}

const specOf = (app: Stateful): object => ({
  replicas: app.nodes.length,
  serviceName: app.app,
  selector: { matchLabels: selectorOf(app) },
  template: templateShape(app),
  volumeClaimTemplates: [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { ...SHAPE, resources: { requests: { storage: app.size } } },
      status: { phase: 'Pending' },
    },
  ],
  podManagementPolicy: 'OrderedReady',
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
  persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
})

const statusOf = (count: number, revision: string): object => ({
  observedGeneration: 2,
  replicas: count,
  readyReplicas: count,
  availableReplicas: count,
  currentReplicas: count,
  updatedReplicas: count,
  currentRevision: revision,
  updateRevision: revision,
  collisionCount: 0,
})

// The disk comes from the claim template: a pod template names no claim.
const templateShape = (app: Stateful): object => {
  const { labels } = templateOf(app)
  return { metadata: { labels }, spec: templateSpec(templateOf(app)) }
}

function member(app: Stateful, owner: Item, at: { node: string; index: number; revision: string }): Item[] {
  const { namespace, app: name, age, size } = app
  const podName = `${name}-${at.index}`
  const claim = `data-${podName}`
  const labels = {
    'controller-revision-hash': at.revision,
    'statefulset.kubernetes.io/pod-name': podName,
    'apps.kubernetes.io/pod-index': String(at.index),
  }
  const template = { ...templateOf(app), claim }
  const one = pod(template, { name: podName, namespace, age, owner, node: at.node, labels }, running(template, age))
  return [
    one,
    ...disk({ namespace, name: claim, age, size, labels: selectorOf(app) }),
    ...(app.uses ? [usage(one, app.name ?? 'app', app.uses)] : []),
  ]
}
