import { formatTime, HOUR, MINUTE, SECOND } from '../../util/time.ts'
import { crashes } from './behaviour.ts'
import { cronJob, claim, daemonSet, deployment, statefulSet, type App } from './manifests.ts'
import type { KubeObject } from './objects.ts'
import { EVERYWHERE, SYSTEM } from './platform-apps.ts'
import { autoscaler, budget, namespace, node, quota, service, storageClass } from './platform-manifests.ts'
import {
  DEPLOYMENTS,
  GATEWAY,
  IMPORTER,
  LEDGER,
  MAILER,
  POSTGRES,
  RECURRING,
  STATEFUL,
  UPLOADS,
  WEB,
} from './shop-apps.ts'
import type { World } from './world.ts'

const DAY = 24 * HOUR
/** How long ago the cluster was made, in milliseconds. */
export const FOUNDED = 210 * DAY
const NODES = ['worker-a', 'worker-b', 'worker-c', 'worker-d'] as const

interface Deed {
  /** Milliseconds before the shop opens. */
  readonly ago: number
  readonly does: (world: World, at: string) => void
}

const make =
  (...objects: ((at: string) => KubeObject)[]) =>
  (world: World, at: string): void => {
    for (const one of objects) world.store.create(one(at))
  }

const founding: Deed = {
  ago: FOUNDED,
  does: make(
    ...['default', 'kube-system', 'monitoring', 'shop', 'payments', 'analytics'].map(
      (name) => (at: string) => namespace(name, at),
    ),
    storageClass,
    ...NODES.map((name, number) => (at: string) => node(name, number, at)),
    ...EVERYWHERE.map(
      ({ app }) =>
        (at: string) =>
          daemonSet(app, at),
    ),
    ...SYSTEM.flatMap(({ app }) => [(at: string) => deployment(app, at), (at: string) => service(app, at)]),
  ),
}

const hasPort = ({ port }: App): boolean => port !== undefined

/** What became of the shop before it opens: everything was made, grew, and left something behind. */
const PAST: readonly Deed[] = [
  founding,
  {
    ago: 180 * DAY,
    does: make(
      (at) => quota('payments', { 'requests.cpu': '2', 'requests.memory': '4Gi', pods: '20' }, at),
      ...STATEFUL.flatMap(({ app, size }) => [
        (at: string) => statefulSet(app, size, at),
        (at: string) => service(app, at),
      ]),
      (at) => claim({ namespace: 'shop', name: 'uploads-2024', size: '100Gi' }, at),
      (at) => claim({ namespace: 'analytics', name: 'importer-cache', size: '10Gi' }, at),
      (at) => deployment(UPLOADS, at),
      (at) => deployment({ ...IMPORTER, replicas: 1 }, at),
    ),
  },
  {
    ago: 150 * DAY,
    does: make(
      ...DEPLOYMENTS.filter(({ app }) => app !== IMPORTER).map(
        ({ app }) =>
          (at: string) =>
            deployment(earlier(app), at),
      ),
      ...DEPLOYMENTS.filter(({ app }) => hasPort(app)).map(
        ({ app }) =>
          (at: string) =>
            service(app, at),
      ),
      ...RECURRING.map(
        ({ app, schedule }) =>
          (at: string) =>
            cronJob(app, schedule, at),
      ),
      ...[WEB, GATEWAY, LEDGER].map((app) => (at: string) => budget(app, at)),
      (at) => autoscaler(WEB, [3, 6], at),
    ),
  },
  { ago: 61 * DAY, does: ({ store }) => removeDeployment(store, UPLOADS) },
  { ago: 40 * DAY, does: (world) => scale(world, IMPORTER, 0) },
  { ago: 23 * DAY, does: (world) => scale(world, POSTGRES, 1) },
  ...DEPLOYMENTS.map(({ app }, at) => ({
    ago: (19 - at) * DAY + at * HOUR,
    does: (world: World) => setImage(world, app, app.image),
  })),
  // Dies once, an hour before, and is well since.
  { ago: HOUR, does: ({ behaviours }) => behaviours.set('shop/mailer', crashes({ after: SECOND, exitCode: 1 }), ONCE) },
]

const ONCE = MAILER.image

/** The release before the one that runs. */
function earlier(app: App): App {
  const colon = app.image.lastIndexOf(':')
  return { ...app, image: `${app.image.slice(0, colon)}:${app.image.slice(colon + 1).replace(/\d+$/, '')}0-rc.1` }
}

function removeDeployment(store: World['store'], { namespace: home, name }: App): void {
  const found = store.get('Deployment', home, name)
  if (found) store.remove(found)
}

/** Wants so many pods of a workload. */
function scale({ store }: World, { namespace: home, name }: App, replicas: number): void {
  for (const kind of ['Deployment', 'StatefulSet'] as const) {
    const found = store.get(kind, home, name)
    if (found) store.update({ ...found, spec: { ...found.spec, replicas } })
  }
}

/** Rolls an image out. */
export function setImage({ store }: World, { namespace: home, name }: App, image: string): void {
  changeContainer({ store }, { namespace: home, name }, { image })
}

/** Starts the pods of a Deployment anew, as `kubectl rollout restart` does. */
export function restart({ store, engine }: World, { namespace: home, name }: App): void {
  const found = store.get('Deployment', home, name)
  if (found === undefined) return
  const { metadata, spec } = found.spec.template
  const annotations = { ...metadata.annotations, 'kubectl.kubernetes.io/restartedAt': formatTime(engine.now()) }
  store.update({
    ...found,
    spec: { ...found.spec, template: { metadata: { ...metadata, annotations }, spec } },
  })
}

/** Changes something of the container of a Deployment. */
export function changeContainer(
  { store }: Pick<World, 'store'>,
  { namespace: home, name }: Pick<App, 'namespace' | 'name'>,
  changed: object,
): void {
  const found = store.get('Deployment', home, name)
  if (found === undefined) return
  const { template } = found.spec
  const containers = template.spec.containers.map((one) => ({ ...one, ...changed }))
  store.update({
    ...found,
    spec: { ...found.spec, template: { ...template, spec: { ...template.spec, containers } } },
  })
}

/** Tells the world what happened before the shop opens at `opens`, in milliseconds since 1970. */
export function tellPast(world: World, opens: number): void {
  const { behaviours, engine } = world
  for (const { app, behaviour } of [...DEPLOYMENTS, ...SYSTEM, ...EVERYWHERE, ...STATEFUL, ...RECURRING])
    behaviours.set(`${app.namespace}/${app.name}`, behaviour)
  for (const { ago, does } of PAST) engine.at(opens - ago, () => does(world, formatTime(opens - ago)))
  const mailer = DEPLOYMENTS.find(({ app }) => app === MAILER)
  if (mailer) engine.at(opens - HOUR + MINUTE / 40, () => behaviours.set('shop/mailer', mailer.behaviour, ONCE))
}
