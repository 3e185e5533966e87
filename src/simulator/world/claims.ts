import { formatTime, SECOND } from '../../util/time.ts'
import { claimNamesOfVolumes } from '../../util/claim-names.ts'
import { withCondition } from './conditions.ts'
import type { Context } from './context.ts'
import type { KubeObject, Pod } from './objects.ts'
import { isDeleting, isFinished } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { Store } from './store.ts'
import type { Claim, StorageClass } from './workload-objects.ts'

const COMPONENT = 'persistentvolume-controller'
const LOOK_AGAIN = 15 * SECOND
const LATE = 'WaitForFirstConsumer'
const PROTECTION = 'kubernetes.io/pvc-protection'

// Feature gate PersistentVolumeClaimUnusedSinceTime (KEP-5541): since when no pod uses a claim.
const USE = { type: 'Unused', lastProbeTime: null }
const UNUSED = {
  ...USE,
  status: 'True',
  reason: 'NoPodsUsingPVC',
  message: 'No pods are currently referencing this PVC',
}
const USED = { ...USE, status: 'False', reason: 'PodUsingPVC', message: 'A pod is currently referencing this PVC' }

const claimsOf = (pod: Pod, store: Store): (Claim | string)[] =>
  claimNamesOfVolumes(pod.spec.volumes, pod.metadata.namespace).map((key) => {
    const name = key.slice(key.indexOf('/') + 1)
    return store.get('PersistentVolumeClaim', pod.metadata.namespace, name) ?? name
  })

/** What the claims of a pod keep it from, in the words of the scheduler. */
export function claimNeeds(pod: Pod, store: Store): { readonly refusal?: string } {
  for (const claim of claimsOf(pod, store)) {
    if (typeof claim === 'string') return { refusal: `persistentvolumeclaim "${claim}" not found. not found` }
    if (claim.status?.phase !== 'Bound' && classOf(claim, store)?.volumeBindingMode !== LATE)
      return { refusal: 'pod has unbound immediate PersistentVolumeClaims. not found' }
  }
  return {}
}

function classOf({ spec }: Claim, store: Store): StorageClass | undefined {
  if (spec.storageClassName !== undefined) return store.get('StorageClass', undefined, spec.storageClassName)
  return store
    .list('StorageClass')
    .find(({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true')
}

const usersOf = (claim: Claim, store: Store): readonly Pod[] =>
  store
    .list('Pod', claim.metadata.namespace)
    .filter((pod) => !isFinished(pod) && claimsOf(pod, store).some((one) => one === claim))

/** Makes volumes for claims, and says of each claim since when no pod uses it. */
export class ClaimBinder {
  readonly #context: Context
  readonly #queue: WorkQueue<Claim>

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#queue = new WorkQueue<Claim>({ engine, store, delay: 50, look: (claim) => this.#look(claim) })
    store.on(['PersistentVolumeClaim', 'Pod'], ({ before, after }) => {
      const object = after ?? before
      if (object?.kind === 'Pod') this.#podChanged(object as Pod)
      else if (after) this.#queue.add(after as Claim)
      else if (object) engine.after(0, () => this.#release(object as Claim))
    })
    for (const claim of store.list('PersistentVolumeClaim')) this.#queue.add(claim)
  }

  #podChanged(pod: Pod): void {
    if (pod.spec.volumes === undefined) return
    for (const claim of claimsOf(pod, this.#context.store)) if (typeof claim !== 'string') this.#queue.add(claim)
  }

  #look(claim: Claim): void {
    const { store, engine } = this.#context
    const users = usersOf(claim, store)
    if (isDeleting(claim)) {
      if (users.length === 0) this.#letGo(claim)
      return
    }
    const use = users.length === 0 ? UNUSED : USED
    const conditions = withCondition(claim.status?.conditions, use, engine.now())
    const said = store.update({ ...claim, status: { phase: 'Pending', ...claim.status, conditions } })
    if (claim.status?.phase !== 'Bound') this.#fill(said, users)
  }

  #fill(claim: Claim, users: readonly Pod[]): void {
    const { events, engine, store } = this.#context
    const { storageClassName } = claim.spec
    const found = classOf(claim, store)
    const scheduled = users.some(({ spec }) => spec.nodeName !== undefined)
    if (found && (found.volumeBindingMode !== LATE || scheduled)) return this.#provision(claim, found)
    const said = { component: COMPONENT }
    if (found)
      events.record(claim, {
        ...said,
        reason: LATE,
        message: 'waiting for first consumer to be created before binding',
      })
    else if (storageClassName === undefined)
      events.record(claim, {
        ...said,
        reason: 'FailedBinding',
        message: 'no persistent volumes available for this claim and no storage class is set',
      })
    else
      events.record(claim, {
        ...said,
        reason: 'ProvisioningFailed',
        type: 'Warning',
        message: `storageclass.storage.k8s.io "${storageClassName}" not found`,
      })
    this.#queue.addAt(claim, engine.now() + LOOK_AGAIN)
  }

  #provision(claim: Claim, { metadata, provisioner, reclaimPolicy = 'Delete' }: StorageClass): void {
    const { store, events, engine } = this.#context
    const now = engine.now()
    const { namespace, name, uid = '' } = claim.metadata
    const { accessModes = ['ReadWriteOnce'], volumeMode = 'Filesystem', resources } = claim.spec
    const volumeName = `pvc-${uid}`
    const capacity = { storage: resources?.requests?.['storage'] ?? '1Gi' }
    const shape = { accessModes, volumeMode, storageClassName: metadata.name }
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: {
        name: volumeName,
        creationTimestamp: formatTime(now),
        annotations: { 'pv.kubernetes.io/provisioned-by': provisioner },
        finalizers: ['kubernetes.io/pv-protection'],
      },
      spec: {
        ...shape,
        capacity,
        persistentVolumeReclaimPolicy: reclaimPolicy,
        csi: { driver: provisioner, fsType: 'ext4', volumeHandle: `disk-${uid.slice(0, 12)}` },
        claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid },
      },
      status: { phase: 'Bound', lastPhaseTransitionTime: formatTime(now) },
    }
    store.create(volume)
    const annotations = {
      ...claim.metadata.annotations,
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
      'volume.kubernetes.io/storage-provisioner': provisioner,
    }
    const bound = store.update<Claim>({
      ...claim,
      metadata: { ...claim.metadata, annotations, finalizers: [PROTECTION] },
      spec: { ...claim.spec, ...shape, volumeName },
      status: { ...claim.status, phase: 'Bound', accessModes, capacity },
    })
    const message = `Successfully provisioned volume ${volumeName} using ${provisioner}`
    events.record(bound, { reason: 'ProvisioningSucceeded', message, component: COMPONENT })
  }

  #letGo(claim: Claim): void {
    const others = (claim.metadata.finalizers ?? []).filter((one) => one !== PROTECTION)
    if (others.length === 0) this.#context.store.remove(claim)
  }

  /** What becomes of the volume of a claim that is gone. */
  #release({ spec }: Claim): void {
    const { store } = this.#context
    const volume = spec.volumeName === undefined ? undefined : store.get('PersistentVolume', undefined, spec.volumeName)
    if (volume === undefined) return
    if (policyOf(volume) === 'Delete') store.remove(volume)
    else store.update({ ...volume, status: { phase: 'Released' } })
  }
}

const policyOf = (volume: KubeObject): string | undefined =>
  (volume as { spec?: { persistentVolumeReclaimPolicy?: string } }).spec?.persistentVolumeReclaimPolicy
