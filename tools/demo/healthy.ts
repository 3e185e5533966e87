import { ago, condition, object, type Item } from './kit.ts'
import { autoscaler, disruptionBudget, service } from './network.ts'
import { containerStatus, ended, pod, running, templateSpec, type Template } from './pods.ts'
import { statefulSet } from './storage.ts'
import { deployment, healthyDeployment, podOf, replicaSet, templateOf, type App } from './workloads.ts'

/** Argo CD's mark on what it applies. */
export const argo = (kind: string, name: string): Record<string, string> => ({
  'argocd.argoproj.io/tracking-id': `shop:${kind}:shop/${name}`,
})

const WEB: App = {
  namespace: 'shop',
  app: 'web',
  age: '180d',
  rolledOut: '3d',
  revision: 31,
  image: 'registry.shop.example/web:7.12.0',
  nodes: ['worker-a', 'worker-b', 'worker-c'],
  requests: { cpu: '200m', memory: '256Mi' },
  limits: { memory: '384Mi' },
  uses: ['122m', '214Mi'],
  port: 8080,
  ready: '/healthz',
  marks: argo('apps/Deployment', 'web'),
}

/** Asks for far more than it uses: what one look cannot tell. */
const CATALOG: App = {
  namespace: 'shop',
  app: 'catalog',
  age: '180d',
  rolledOut: '20d',
  revision: 12,
  image: 'registry.shop.example/catalog:4.3.1',
  nodes: ['worker-b', 'worker-c'],
  requests: { cpu: '800m', memory: '2Gi' },
  limits: { memory: '2Gi' },
  uses: ['14m', '121Mi'],
  port: 8080,
  ready: '/healthz',
  marks: argo('apps/Deployment', 'catalog'),
}

const LEDGER: App = {
  namespace: 'payments',
  app: 'ledger',
  age: '180d',
  rolledOut: '34d',
  revision: 9,
  image: 'registry.shop.example/ledger:2.8.4',
  nodes: ['worker-a', 'worker-c'],
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { memory: '512Mi' },
  uses: ['37m', '239Mi'],
  port: 9090,
  ready: '/ready',
}

/** Switched off on purpose; its disk waits for it. */
const IMPORTER: App = {
  namespace: 'analytics',
  app: 'importer',
  age: '90d',
  image: 'registry.shop.example/importer:1.2.0',
  nodes: [],
  requests: { cpu: '250m', memory: '512Mi' },
  limits: { memory: '1Gi' },
}

const SEARCH_INDEX = {
  namespace: 'shop',
  app: 'redis',
  name: 'redis',
  age: '150d',
  image: 'docker.io/library/redis:8.4.0',
  nodes: ['worker-a', 'worker-b'],
  requests: { cpu: '100m', memory: '128Mi' },
  limits: { memory: '256Mi' },
  uses: ['9m', '74Mi'] as const,
  port: 6379,
  size: '5Gi',
}

/** One restart an hour ago, and well since. */
function restartedOnce(): Item[] {
  const app: App = {
    namespace: 'shop',
    app: 'mailer',
    age: '60d',
    rolledOut: '9d',
    revision: 3,
    image: 'registry.shop.example/mailer:1.9.2',
    nodes: ['worker-a'],
    requests: { cpu: '20m', memory: '64Mi' },
    limits: { memory: '128Mi' },
    uses: ['2m', '41Mi'],
    port: 8080,
  }
  const top = deployment(app)
  const set = replicaSet({ app, owner: top })
  const lastState = ended('9d', '1h1s', { exitCode: 1, reason: 'Error' })
  const life = running(templateOf(app), '1h', { restartCount: 1, lastState })
  const one = podOf(app, set, { node: 'worker-a', life })
  return [top, set, one, ...service(app, [one])]
}

/** A nightly CronJob whose last run went well. */
function nightly(): Item[] {
  const [namespace, name] = ['payments', 'settlement']
  const template: Template = {
    image: 'registry.shop.example/settlement:2.8.4',
    labels: { 'app.kubernetes.io/name': name },
    restartPolicy: 'Never',
    requests: { cpu: '500m', memory: '256Mi' },
    limits: { memory: '512Mi' },
  }
  const jobTemplate = {
    spec: { backoffLimit: 2, template: { metadata: { labels: template.labels }, spec: templateSpec(template) } },
  }
  const top = object(
    'batch/v1 CronJob',
    { namespace, name, age: '180d' },
    {
      spec: {
        schedule: '15 2 * * *',
        concurrencyPolicy: 'Forbid',
        suspend: false,
        jobTemplate,
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
      },
      status: { lastScheduleTime: ago('7h15m'), lastSuccessfulTime: ago('7h11m') },
    },
  )
  const job = object(
    'batch/v1 Job',
    { namespace, name: `${name}-29394855`, age: '7h15m', owner: top, labels: template.labels },
    {
      spec: { ...jobTemplate.spec, parallelism: 1, completions: 1 },
      status: {
        startTime: ago('7h15m'),
        completionTime: ago('7h11m'),
        succeeded: 1,
        conditions: [condition('SuccessCriteriaMet', 'True', '7h11m'), condition('Complete', 'True', '7h11m')],
      },
    },
  )
  const place = { name: `${job.metadata.name}-n8kvd`, namespace, age: '7h15m', owner: job, node: 'worker-a' }
  const state = ended('7h14m', '7h11m', { exitCode: 0, reason: 'Completed' })
  const status = containerStatus(template, { state })
  return [top, job, pod(template, place, { phase: 'Succeeded', ready: false, since: '7h11m', status })]
}

/** What works, and what only looks as if it did not. */
export function healthy(): Item[] {
  const web = healthyDeployment(WEB)
  const catalog = healthyDeployment(CATALOG)
  const ledger = healthyDeployment(LEDGER)
  const off = deployment(IMPORTER)
  return [
    ...web,
    ...service(WEB, web),
    autoscaler(WEB, [2, 6]),
    disruptionBudget(WEB),
    ...catalog,
    ...service(CATALOG, catalog),
    ...ledger,
    ...service(LEDGER, ledger),
    disruptionBudget(LEDGER),
    ...statefulSet(SEARCH_INDEX),
    off,
    replicaSet({ app: IMPORTER, owner: off }),
    ...restartedOnce(),
    ...nightly(),
  ]
}
