import { ago, condition, object, suffix, type Item } from './kit.ts'
import { pod, running, templateSpec, usage, type Life, type Template } from './pods.ts'

export interface App extends Omit<Template, 'labels'> {
  readonly namespace: string
  readonly app: string
  readonly age: string
  readonly labels?: Readonly<Record<string, string>>
  readonly marks?: Readonly<Record<string, string>>
  /** Where each pod runs, a pod for each; none for an app at 0. */
  readonly nodes: readonly string[]
  /** How many pods are wanted, when it is not as many as there are. */
  readonly replicas?: number
  /** How long ago the revision that runs was rolled out. */
  readonly rolledOut?: string
  readonly revision?: number
  /** What one pod uses now, CPU and memory. */
  readonly uses?: readonly [string, string]
}

export const selectorOf = ({ app }: App): Record<string, string> => ({ 'app.kubernetes.io/name': app })

/** The pod template of an app. */
export const templateOf = (app: App): Template => ({ ...app, labels: { ...selectorOf(app), ...app.labels } })

const rolledOut = ({ rolledOut: since, age }: App): string => since ?? age
const countOf = ({ replicas, nodes }: App): number => replicas ?? nodes.length
const revisionOf = ({ revision = 1 }: App): Record<string, string> => ({
  'deployment.kubernetes.io/revision': String(revision),
})
const templateOn = (template: Template, labels: Readonly<Record<string, string>> = {}): object => ({
  metadata: {
    labels: { ...template.labels, ...labels },
    ...(template.annotations && { annotations: template.annotations }),
  },
  spec: templateSpec(template),
})

/** Counts of a workload all of whose pods serve. */
const allReady = (count: number): object =>
  count === 0
    ? { replicas: 0 }
    : { replicas: count, updatedReplicas: count, readyReplicas: count, availableReplicas: count }

/** The condition that says whether a Deployment has the pods it must have, and since when. */
export const available = (status: 'True' | 'False', since: string): object =>
  status === 'True'
    ? condition('Available', status, since, {
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      })
    : condition('Available', status, since, {
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      })

/** The condition that says that a rollout has made no progress for ten minutes. */
export const timedOut = (since: string): object =>
  condition('Progressing', 'False', since, {
    lastUpdateTime: ago(since),
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet has timed out progressing.',
  })

/** The condition of a rollout that came to its end. */
export const progressed = (since: string): object =>
  condition('Progressing', 'True', since, {
    lastUpdateTime: ago(since),
    reason: 'NewReplicaSetAvailable',
    message: 'ReplicaSet has successfully progressed.',
  })

/** A Deployment; healthy, unless a status is given. */
export function deployment(app: App, status: object = {}): Item {
  const { namespace, app: name, age, labels, marks } = app
  return object(
    'apps/v1 Deployment',
    {
      namespace,
      name,
      age,
      labels: { ...selectorOf(app), ...labels },
      annotations: { ...revisionOf(app), ...marks },
      metadata: { generation: app.revision ?? 1 },
    },
    {
      spec: {
        replicas: countOf(app),
        selector: { matchLabels: selectorOf(app) },
        template: templateOn(templateOf(app)),
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {
        observedGeneration: app.revision ?? 1,
        ...allReady(countOf(app)),
        conditions: [available('True', age), progressed(rolledOut(app))],
        ...status,
      },
    },
  )
}

export interface Revision {
  readonly app: App
  readonly owner: Item
  /** How many pods it is to have and how many of them serve; all that the app wants, unless told otherwise. */
  readonly replicas?: number
  readonly ready?: number
  readonly status?: object
}

const hashOf = (app: App): string => suffix(9, app.namespace, app.app, app.image, String(app.revision ?? 1))

/** The ReplicaSet of a revision of an app. */
export function replicaSet({ app, owner, replicas = countOf(app), ready = replicas, status }: Revision): Item {
  const labels = { ...templateOf(app).labels, 'pod-template-hash': hashOf(app) }
  const age = rolledOut(app)
  const annotations = { 'deployment.kubernetes.io/desired-replicas': String(countOf(app)), ...revisionOf(app) }
  const counts = { readyReplicas: ready, availableReplicas: ready, fullyLabeledReplicas: replicas }
  return object(
    'apps/v1 ReplicaSet',
    { namespace: app.namespace, name: `${app.app}-${hashOf(app)}`, age, owner, labels, annotations },
    {
      spec: { replicas, selector: { matchLabels: labels }, template: templateOn(templateOf(app), labels) },
      status: { observedGeneration: 1, replicas, ...(replicas > 0 ? counts : {}), ...status },
    },
  )
}

/** A pod of a ReplicaSet; `at` tells it from its siblings. */
export function podOf(app: App, owner: Item, at: { node?: string; index?: number; life: Life; age?: string }): Item {
  const { node, index = 0, life, age = rolledOut(app) } = at
  const name = `${owner.metadata.name}-${suffix(5, owner.metadata.uid ?? '', String(index))}`
  const labels = { 'pod-template-hash': hashOf(app) }
  const place = { name, namespace: app.namespace, age, owner, labels, ...(node === undefined ? {} : { node }) }
  return pod(templateOf(app), place, life)
}

const metricsOf = (app: App, pods: readonly Item[]): Item[] =>
  pods.flatMap((one) => (app.uses ? [usage(one, app.name ?? 'app', app.uses)] : []))

/** The pods of a ReplicaSet that all run well. */
export function healthyPods(app: App, owner: Item): Item[] {
  const pods = app.nodes.map((node, index) =>
    podOf(app, owner, { node, index, life: running(templateOf(app), rolledOut(app)) }),
  )
  return [...pods, ...metricsOf(app, pods)]
}

/** A Deployment all of whose pods run. */
export function healthyDeployment(app: App): Item[] {
  const top = deployment(app)
  const set = replicaSet({ app, owner: top })
  return [top, set, ...healthyPods(app, set)]
}

/** A DaemonSet with a pod on each node. */
export function daemonSet(app: App): Item[] {
  const count = app.nodes.length
  const template = templateOf(app)
  const labels = { ...selectorOf(app), ...app.labels }
  const top = object(
    'apps/v1 DaemonSet',
    { namespace: app.namespace, name: app.app, age: app.age, labels, ...(app.marks && { annotations: app.marks }) },
    {
      spec: {
        selector: { matchLabels: selectorOf(app) },
        template: templateOn(template),
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
        revisionHistoryLimit: 10,
      },
      status: {
        observedGeneration: 1,
        desiredNumberScheduled: count,
        currentNumberScheduled: count,
        updatedNumberScheduled: count,
        numberReady: count,
        numberAvailable: count,
        numberMisscheduled: 0,
      },
    },
  )
  const hash = { 'controller-revision-hash': hashOf(app), 'pod-template-generation': '1' }
  const pods = app.nodes.map((node) =>
    pod(
      template,
      {
        name: `${app.app}-${suffix(5, app.app, node)}`,
        namespace: app.namespace,
        age: app.age,
        owner: top,
        node,
        labels: hash,
      },
      running(template, app.age),
    ),
  )
  return [top, ...pods, ...metricsOf(app, pods)]
}
