import { isDeepStrictEqual } from 'node:util'
import { SECOND, formatTime } from '../../util/time.ts'
import { canonicalJson } from '../../util/hash.ts'
import { conditionOf } from './conditions.ts'
import type { Context } from './context.ts'
import { noise, seedOf } from './curve.ts'
import { deploymentStatus, type Sets } from './deployment-status.ts'
import type { Template } from './objects.ts'
import { ownerOf } from './pods.ts'
import { WorkQueue } from './queue.ts'
import type { Deployment, ReplicaSet } from './workload-objects.ts'

const COMPONENT = 'deployment-controller'
const REVISION = 'deployment.kubernetes.io/revision'
const HASH = 'pod-template-hash'
const LETTERS = 'bcdf456789'

/** The hash of a pod template as it stands in names: letters and digits of which no words come. */
export const templateHash = (template: object, length = 9): string => {
  const seed = seedOf(canonicalJson(template))
  return Array.from({ length }, (_, at) => LETTERS[Math.floor(noise(seed, at) * LETTERS.length)]).join('')
}

const withoutHash = ({ metadata, spec }: Template): object => {
  const { [HASH]: _, ...labels } = metadata.labels
  return { metadata: { ...metadata, labels }, spec }
}

const share = (value: number | string, of: number, round: (x: number) => number): number =>
  typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * of)

/** How many pods a rollout may have too many, and how many too few. */
function bounds({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { replicas = 1, strategy } = spec
  if (strategy?.type === 'Recreate') return { surge: 0, unavailable: replicas }
  const { maxSurge = '25%', maxUnavailable = '25%' } = strategy?.rollingUpdate ?? {}
  const surge = share(maxSurge, replicas, Math.ceil)
  const unavailable = share(maxUnavailable, replicas, Math.floor)
  return { surge, unavailable: surge === 0 ? Math.max(1, unavailable) : unavailable }
}

const revisionOf = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[REVISION] ?? 0)

/** Rolls out what each Deployment says. */
export class Deployments {
  readonly #context: Context
  readonly #queue: WorkQueue<Deployment>

  constructor(context: Context) {
    this.#context = context
    const { engine, store } = context
    this.#queue = new WorkQueue<Deployment>({ engine, store, delay: 30, look: (one) => this.#look(one) })
    for (const one of store.list('Deployment')) this.#queue.add(one)
    store.on(['Deployment'], ({ after }) => after && this.#queue.add(after as Deployment))
    store.on(['ReplicaSet'], ({ before, after }) => {
      const set = after ?? before
      const owner = set?.metadata.ownerReferences?.find(({ kind }) => kind === 'Deployment')
      const found = owner && store.get('Deployment', set?.metadata.namespace, owner.name)
      if (found) this.#queue.add(found)
    })
  }

  #look(deployment: Deployment): void {
    if (deployment.metadata.deletionTimestamp !== undefined) return
    const sets = this.#sets(deployment)
    if (deployment.spec.paused !== true) {
      if (deployment.spec.strategy?.type === 'Recreate') this.#recreate(deployment, sets)
      else this.#roll(deployment, sets)
      this.#cleanUp(deployment, sets)
    }
    this.#say(deployment)
  }

  #sets(deployment: Deployment): Sets {
    const { store } = this.#context
    const all = store.owned('ReplicaSet', deployment).toSorted((a, b) => revisionOf(a) - revisionOf(b))
    const wanted = withoutHash(deployment.spec.template)
    const found = all.find(({ spec }) => isDeepStrictEqual(withoutHash(spec.template), wanted))
    const revision = Math.max(0, ...all.filter((set) => set !== found).map(revisionOf)) + 1
    const current = found
      ? this.#revise(found, Math.max(revision, revisionOf(found)))
      : this.#create(deployment, revision)
    this.#annotate(deployment, revisionOf(current))
    return { current, old: all.filter((set) => set !== found) }
  }

  #create(deployment: Deployment, revision: number): ReplicaSet {
    const { store, engine } = this.#context
    const { template } = deployment.spec
    const hash = templateHash(withoutHash(template))
    const labels = { ...template.metadata.labels, [HASH]: hash }
    return store.create<ReplicaSet>({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-${hash}`,
        namespace: deployment.metadata.namespace ?? 'default',
        generation: 1,
        creationTimestamp: formatTime(engine.now()),
        labels,
        annotations: { ...this.#marks(deployment), [REVISION]: String(revision) },
        ownerReferences: [ownerOf(deployment)],
      },
      spec: {
        replicas: 0,
        selector: { matchLabels: { ...deployment.spec.selector.matchLabels, [HASH]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
      status: { replicas: 0 },
    })
  }

  #marks(deployment: Deployment): Record<string, string> {
    const { replicas = 1 } = deployment.spec
    return {
      'deployment.kubernetes.io/desired-replicas': String(replicas),
      'deployment.kubernetes.io/max-replicas': String(replicas + bounds(deployment).surge),
    }
  }

  #revise(set: ReplicaSet, revision: number): ReplicaSet {
    if (revisionOf(set) === revision) return set
    const annotations = { ...set.metadata.annotations, [REVISION]: String(revision) }
    return this.#context.store.update({ ...set, metadata: { ...set.metadata, annotations } })
  }

  #annotate(deployment: Deployment, revision: number): void {
    this.#context.store.change(deployment, (now) => ({
      ...now,
      metadata: { ...now.metadata, annotations: { ...now.metadata.annotations, [REVISION]: String(revision) } },
    }))
  }

  #recreate(deployment: Deployment, { current, old }: Sets): void {
    for (const set of old) this.#scale(deployment, set, 0)
    const left = old.some((set) => this.#context.store.owned('Pod', set).length > 0)
    if (!left) this.#scale(deployment, current, deployment.spec.replicas ?? 1)
  }

  #roll(deployment: Deployment, { current, old }: Sets): void {
    const { replicas = 1 } = deployment.spec
    const { surge, unavailable } = bounds(deployment)
    const oldWanted = old.reduce((sum, { spec }) => sum + spec.replicas, 0)
    const room = replicas + surge - (oldWanted + current.spec.replicas)
    const next = current.spec.replicas > replicas ? replicas : current.spec.replicas + Math.max(0, room)
    const grown = this.#scale(deployment, current, Math.min(replicas, next))
    const least = replicas - unavailable
    const available = [...old, grown].reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0)
    const newUnavailable = grown.spec.replicas - (grown.status?.availableReplicas ?? 0)
    const spare = oldWanted + grown.spec.replicas - least - newUnavailable
    // What does not serve goes first: it costs no availability.
    const left = this.#retire(deployment, old, {
      most: spare,
      of: ({ spec, status }) => spec.replicas - (status?.availableReplicas ?? 0),
    })
    this.#retire(deployment, old, { most: Math.min(left, available - least), of: ({ spec }) => spec.replicas })
  }

  /** Makes old sets smaller, each by what may go of it, `most` in all; what remains of `most`. */
  #retire(
    deployment: Deployment,
    old: readonly ReplicaSet[],
    { most, of }: { readonly most: number; readonly of: (set: ReplicaSet) => number },
  ): number {
    let left = most
    for (const set of old) {
      const now = this.#context.store.fresh(set) ?? set
      const fewer = Math.min(now.spec.replicas, left, of(now))
      if (fewer <= 0) continue
      left -= fewer
      this.#scale(deployment, now, now.spec.replicas - fewer)
    }
    return left
  }

  #scale(deployment: Deployment, set: ReplicaSet, replicas: number): ReplicaSet {
    const { store, events } = this.#context
    const annotations = { ...set.metadata.annotations, ...this.#marks(deployment) }
    const from = set.spec.replicas
    const scaled = store.update({
      ...set,
      metadata: { ...set.metadata, annotations },
      spec: { ...set.spec, replicas },
    })
    if (from !== replicas) {
      const way = replicas > from ? 'up' : 'down'
      const message = `Scaled ${way} replica set ${set.metadata.name} from ${from} to ${replicas}`
      events.record(deployment, { reason: 'ScalingReplicaSet', message, component: COMPONENT })
    }
    return scaled
  }

  // Old revisions are kept to go back to, ten of them.
  #cleanUp({ spec }: Deployment, { old }: Sets): void {
    const empty = old.filter((set) => set.spec.replicas === 0 && (set.status?.replicas ?? 0) === 0)
    for (const set of empty.slice(0, Math.max(0, empty.length - (spec.revisionHistoryLimit ?? 10))))
      this.#context.store.remove(set)
  }

  #say(deployment: Deployment): void {
    const { store, engine } = this.#context
    const now = store.fresh(deployment)
    if (now === undefined) return
    const status = deploymentStatus(now, { sets: this.#sets(now), ...bounds(now), now: engine.now() })
    store.change(now, (fresh) => ({ ...fresh, status }))
    const progressing = conditionOf(status.conditions, 'Progressing')
    if (progressing?.reason !== 'ReplicaSetUpdated' && progressing?.reason !== 'NewReplicaSetCreated') return
    const { progressDeadlineSeconds = 600 } = now.spec
    const since = Date.parse(progressing.lastUpdateTime ?? '')
    this.#queue.addAt(now, since + progressDeadlineSeconds * SECOND + SECOND)
  }
}
