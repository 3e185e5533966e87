import { deployments, EACH_SERVICE, endpointSlices, pods, replicaSets, type PodNow } from './app-kinds.ts'
import { NUMBER, uidOf, type Layout } from './layout.ts'
import { stamp, type LoadKind } from './slot.ts'
import * as around from './surroundings.ts'
import type { Template, Values } from './template.ts'
import { WORKLOADS } from './workloads.ts'

/** A kind whose objects differ only in a few words. */
interface Row {
  readonly type: readonly [resource: string, apiVersion: string, kind: string]
  readonly template: Template
  readonly count: number
  readonly name: (index: number) => string
  /** The app that an object is about; of a kind that is in no namespace there is none. */
  readonly app?: (index: number) => number
  /** The number of the kind in its uids, where something points to it. */
  readonly number?: number
  readonly more?: (index: number) => Values
}

const EACH_CLAIM = 20
const EACH_SCALED = 10
const EACH_CRON = 100
const ZONES = 3

const claimOf = (layout: Layout, index: number): string => `data-${layout.app(index * EACH_CLAIM)}`

/** What there is without an app. */
function clusterRows(layout: Layout): Row[] {
  const { sizes, apps } = layout
  const webhooks = (kind: 'Validating' | 'Mutating'): Row => {
    const group = 'admissionregistration.k8s.io'
    const name = `${kind}WebhookConfiguration`
    return {
      type: [`${name.toLowerCase()}s.${group}`, `${group}/v1`, name],
      template: around.webhook(kind),
      count: 2,
      name: (index) => `${kind.toLowerCase()}-${index}`,
    }
  }
  return [
    {
      type: ['namespaces', 'v1', 'Namespace'],
      template: around.NAMESPACE,
      count: sizes.namespaces + 1,
      number: NUMBER.namespace,
      name: (index) => (index === sizes.namespaces ? 'kube-system' : `team-${index}`),
    },
    {
      type: ['nodes', 'v1', 'Node'],
      template: around.NODE,
      count: sizes.nodes,
      number: NUMBER.node,
      name: (index) => `node-${index}`,
      more: (index) => ({ zone: index % ZONES }),
    },
    {
      type: ['persistentvolumes', 'v1', 'PersistentVolume'],
      template: around.VOLUME,
      count: Math.ceil(apps / EACH_CLAIM),
      number: NUMBER.volume,
      name: (index) => `pv-${claimOf(layout, index)}`,
      more: (index) => ({
        namespace: layout.namespaceOf(index * EACH_CLAIM),
        claim: claimOf(layout, index),
        claimUid: uidOf(NUMBER.claim, index),
      }),
    },
    {
      type: ['storageclasses.storage.k8s.io', 'storage.k8s.io/v1', 'StorageClass'],
      template: around.STORAGE_CLASS,
      count: 1,
      name: () => 'standard',
    },
    webhooks('Validating'),
    webhooks('Mutating'),
  ]
}

/** What belongs to every so manieth app. */
function appRows(layout: Layout): Row[] {
  const { sizes, apps } = layout
  const every = (step: number) => ({
    count: Math.ceil(apps / step),
    app: (index: number) => index * step,
    name: (index: number) => layout.app(index * step),
    more: (index: number) => ({ app: layout.app(index * step), replicas: sizes.podsEach, revision: 2 }),
  })
  const podOf = (index: number): number => index * EACH_SCALED * sizes.podsEach
  const { AUTOSCALER, BUDGET, JOB, CRON_JOB } = WORKLOADS
  return [
    {
      type: ['persistentvolumeclaims', 'v1', 'PersistentVolumeClaim'],
      template: around.CLAIM,
      ...every(EACH_CLAIM),
      number: NUMBER.claim,
      name: (index) => claimOf(layout, index),
    },
    {
      type: ['horizontalpodautoscalers.autoscaling', 'autoscaling/v2', 'HorizontalPodAutoscaler'],
      template: AUTOSCALER,
      ...every(EACH_SCALED),
    },
    {
      type: ['poddisruptionbudgets.policy', 'policy/v1', 'PodDisruptionBudget'],
      template: BUDGET,
      ...every(EACH_SCALED),
    },
    { type: ['jobs.batch', 'batch/v1', 'Job'], template: JOB, ...every(EACH_CLAIM) },
    { type: ['cronjobs.batch', 'batch/v1', 'CronJob'], template: CRON_JOB, ...every(EACH_CRON) },
    { type: ['services', 'v1', 'Service'], template: around.SERVICE, ...every(EACH_SERVICE), number: NUMBER.service },
    {
      type: ['events', 'v1', 'Event'],
      template: around.EVENT,
      ...every(EACH_SCALED),
      name: (index) => `${layout.app(index * EACH_SCALED)}.event`,
      more: (index) => ({ pod: layout.pod(podOf(index), 0), podUid: uidOf(NUMBER.pod, podOf(index)) }),
    },
  ]
}

/** What each namespace has. */
function namespaceRows({ sizes }: Layout): Row[] {
  const each = { count: sizes.namespaces, app: (index: number) => index }
  return [
    { type: ['resourcequotas', 'v1', 'ResourceQuota'], template: around.QUOTA, ...each, name: () => 'quota' },
    { type: ['limitranges', 'v1', 'LimitRange'], template: around.LIMIT_RANGE, ...each, name: () => 'defaults' },
  ]
}

const kindOf = (layout: Layout, { type, count, app, template, name, number, more }: Row, at: number): LoadKind => ({
  resource: type[0],
  apiVersion: type[1],
  kind: type[2],
  count,
  namespaceOf: app && ((index) => layout.namespaceOf(app(index))),
  render: (slot, form) =>
    template[form]({
      ...stamp(slot),
      name: name(slot.index),
      namespace: app === undefined ? '' : layout.namespaceOf(app(slot.index)),
      uid: uidOf(number ?? NUMBER.other + 1 + at, slot.index, slot.life),
      ...more?.(slot.index),
    }),
})

/** Kinds that the server has and holds nothing of. */
const EMPTY = [
  ['statefulsets.apps', 'apps/v1', 'StatefulSet'],
  ['daemonsets.apps', 'apps/v1', 'DaemonSet'],
  ['controllerrevisions.apps', 'apps/v1', 'ControllerRevision'],
  ['replicationcontrollers', 'v1', 'ReplicationController'],
] as const

const KEPT = new Set(['pods', 'namespaces'])

/** Every kind, in proportion to the pods. */
export const kindsOf = (layout: Layout, podNow: PodNow): readonly LoadKind[] =>
  filledKinds(layout, podNow).map((kind) =>
    layout.sizes.podsOnly && !KEPT.has(kind.resource) ? { ...kind, count: 0 } : kind,
  )

const filledKinds = (layout: Layout, podNow: PodNow): readonly LoadKind[] => [
  ...[...clusterRows(layout), ...appRows(layout), ...namespaceRows(layout)].map((row, at) => kindOf(layout, row, at)),
  pods(layout),
  deployments(layout),
  replicaSets(layout),
  endpointSlices(layout, podNow),
  ...EMPTY.map(([resource, apiVersion, kind]) => ({
    resource,
    apiVersion,
    kind,
    count: 0,
    namespaceOf: () => '',
    render: () => '',
  })),
]
