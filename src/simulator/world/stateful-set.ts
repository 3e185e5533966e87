import { formatTime } from '../../util/time.ts'
import type { Context } from './context.ts'
import { templateHash } from './deployment.ts'
import type { Pod, Template } from './objects.ts'
import { createPod, deletePod, isActive, isDeleting, isFinished, isReady, ownerOf } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { StatefulSet } from './workload-objects.ts'

const COMPONENT = 'statefulset-controller'
const RETRY = 10_000
const HASH = 'controller-revision-hash'

const ordinalOf = ({ metadata }: Pod): number => Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1))

/** Keeps the pods of each StatefulSet, one after another, each with its own claims. */
export class StatefulSets {
  readonly #context: Context
  readonly #queue: WorkQueue<StatefulSet>

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#queue = new WorkQueue<StatefulSet>({ engine, store, delay: 30, look: (set) => this.#look(set) })
    for (const set of store.list('StatefulSet')) this.#queue.add(set)
    store.on(['StatefulSet'], ({ after }) => after && this.#queue.add(after as StatefulSet))
    store.on(['Pod'], ({ before, after }) => {
      const pod = after ?? before
      const owner = pod?.metadata.ownerReferences?.find(({ kind }) => kind === 'StatefulSet')
      const found = owner && store.get('StatefulSet', pod?.metadata.namespace, owner.name)
      if (found) this.#queue.add(found)
    })
  }

  #look(set: StatefulSet): void {
    if (isDeleting(set)) return
    const revision = this.#revise(set)
    const pods = this.#context.store.owned('Pod', set).toSorted((a, b) => ordinalOf(a) - ordinalOf(b))
    this.#grow(set, pods, revision)
    this.#shrink(set, pods, revision)
    this.#say(set, revision)
  }

  #revise(set: StatefulSet): string {
    const { store, engine } = this.#context
    const { namespace = 'default', name } = set.metadata
    const hash = templateHash(set.spec.template)
    const revision = `${name}-${hash}`
    if (store.get('ControllerRevision', namespace, revision) === undefined) {
      const known = store.owned('ControllerRevision', set).length
      store.create({
        apiVersion: 'apps/v1',
        kind: 'ControllerRevision',
        metadata: {
          name: revision,
          namespace,
          creationTimestamp: formatTime(engine.now()),
          labels: { ...set.spec.template.metadata.labels, 'controller.kubernetes.io/hash': hash },
          ownerReferences: [ownerOf(set)],
        },
        data: { spec: { template: { $patch: 'replace', ...set.spec.template } } },
        revision: known + 1,
      })
    }
    return revision
  }

  // One waits for the one before it, unless all may come at once.
  #grow(set: StatefulSet, pods: readonly Pod[], revision: string): void {
    const inOrder = set.spec.podManagementPolicy !== 'Parallel'
    for (let ordinal = 0; ordinal < (set.spec.replicas ?? 1); ordinal++) {
      const pod = pods.find((one) => ordinalOf(one) === ordinal)
      if (pod === undefined) this.#create(set, ordinal, revision)
      else if (isFinished(pod)) deletePod(this.#context, pod)
      const serves = pod !== undefined && isActive(pod) && isReady(pod)
      if (inOrder && !serves) return
    }
  }

  #create(set: StatefulSet, ordinal: number, revision: string): void {
    const { events, engine } = this.#context
    const name = `${set.metadata.name}-${ordinal}`
    const claims = (set.spec.volumeClaimTemplates ?? []).map((template) => {
      const claim = `${template.metadata.name}-${name}`
      this.#claim(set, claim, template.spec)
      return { name: template.metadata.name, persistentVolumeClaim: { claimName: claim } }
    })
    const { spec, metadata } = set.spec.template
    const template: Template = { metadata, spec: { ...spec, volumes: [...claims, ...(spec.volumes ?? [])] } }
    const labels = {
      'apps.kubernetes.io/pod-index': String(ordinal),
      [HASH]: revision,
      'statefulset.kubernetes.io/pod-name': name,
    }
    const made = createPod(this.#context, { owner: set, template, name, labels })
    const what = `create Pod ${name} in StatefulSet ${set.metadata.name}`
    const said =
      typeof made === 'string'
        ? { reason: 'FailedCreate', type: 'Warning' as const, message: `${what} failed error: ${made}` }
        : { reason: 'SuccessfulCreate', message: `${what} successful` }
    events.record(set, { ...said, component: COMPONENT })
    if (typeof made === 'string') this.#queue.addAt(set, engine.now() + RETRY)
  }

  // Of an ordinal that was there before, the claim still is.
  #claim(set: StatefulSet, name: string, spec: object): void {
    const { store, engine } = this.#context
    const { namespace = 'default' } = set.metadata
    if (store.get('PersistentVolumeClaim', namespace, name) !== undefined) return
    store.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        creationTimestamp: formatTime(engine.now()),
        labels: set.spec.selector.matchLabels ?? {},
        finalizers: ['kubernetes.io/pvc-protection'],
      },
      spec,
      status: { phase: 'Pending' },
    })
  }

  #shrink(set: StatefulSet, pods: readonly Pod[], revision: string): void {
    const { replicas = 1 } = set.spec
    if (pods.some(isDeleting)) return
    const surplus = pods.findLast((pod) => ordinalOf(pod) >= replicas)
    const outdated = pods.every((pod) => isReady(pod))
      ? pods.findLast(({ metadata }) => metadata.labels?.[HASH] !== revision)
      : pods.findLast((pod) => !isReady(pod) && pod.metadata.labels?.[HASH] !== revision)
    const next = surplus ?? outdated
    if (next === undefined) return
    deletePod(this.#context, next)
    const message = `delete Pod ${next.metadata.name} in StatefulSet ${set.metadata.name} successful`
    this.#context.events.record(set, { reason: 'SuccessfulDelete', message, component: COMPONENT })
  }

  #say(set: StatefulSet, revision: string): void {
    const { store } = this.#context
    const pods = store.owned('Pod', set)
    const ready = pods.filter((pod) => isActive(pod) && isReady(pod)).length
    const updated = pods.filter(({ metadata }) => metadata.labels?.[HASH] === revision).length
    const rolledOut = updated === pods.length
    const current = rolledOut ? revision : (set.status?.currentRevision ?? revision)
    const status = {
      observedGeneration: set.metadata.generation ?? 1,
      replicas: pods.length,
      ...(ready > 0 ? { readyReplicas: ready } : {}),
      ...(rolledOut ? { currentReplicas: updated } : { currentReplicas: pods.length - updated }),
      updatedReplicas: updated,
      currentRevision: current,
      updateRevision: revision,
      collisionCount: 0,
      availableReplicas: ready,
    }
    store.change(set, (now) => ({ ...now, status }))
  }
}
