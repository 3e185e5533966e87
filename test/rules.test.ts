import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDump } from '../src/cluster/dump.ts'
import type { Snapshot } from '../src/cluster/snapshot.ts'
import { subjectsIn, type Subject } from '../src/facts/subject.ts'
import {
  ago,
  cronJob,
  deployed,
  job,
  namespace,
  node,
  quota,
  snapshotOf,
  statefulSet,
  validatingWebhook,
} from './support/build.ts'
import { cart, running } from './support/containers.ts'
import { judge, shippedRules } from './support/judge.ts'
import { recording, RECORDINGS, storeOf } from './support/recordings.ts'

const ROOT = join(import.meta.dirname, '..')
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Tooling goes by these names: none may change, none may go. */
const IDS =
  'crash-loop oom-kill pending-pod orphaned-claim over-provisioned image-pull config-error not-ready rollout-stuck cannot-create-pods job-failed cronjob-failing node-unhealthy claim-pending service-no-endpoints released-volume probe-failing mount-failed stuck-terminating pods-evicted pod-failed autoscaler-broken disruption-budget-blocks quota-full webhook-unreachable under-provisioned no-requests bad-suppression'.split(
    ' ',
  )

const { rules, problems } = await shippedRules()

test('the shipped rules load, and are those that tooling knows', () => {
  assert.deepEqual(problems, [])
  assert.deepEqual(rules.map(({ rule }) => rule.id).toSorted(), IDS.toSorted())
  assert.deepEqual(
    readdirSync(join(ROOT, 'rules')).toSorted(),
    IDS.map((id) => `${id}.json`).toSorted(),
    'each in a file of its name',
  )
})

for (const { rule } of rules)
  test(`${rule.id}: a runbook that says how it decides, what to do, and which action is proposed or why none is`, () => {
    assert.equal(rule.runbook, `docs/runbooks/${rule.id}.md`)
    const page = text(rule.runbook)
    assert.ok(page.startsWith(`# ${rule.id}\n`))
    const heads = new Set([...page.matchAll(/^## (.*)$/gm)].map(([, head]) => head))
    for (const head of ['How dogwatch decides', 'What to look at', 'What to do', 'Which action is proposed'])
      assert.ok(heads.has(head), `no "${head}"`)
    const proposed = page.split('## Which action is proposed')[1]?.split('\n## ')[0] ?? ''
    if (rule.recommend.length === 0) assert.match(proposed.trim(), /^None\b/)
    for (const action of rule.recommend) assert.ok(proposed.includes(action), `does not name ${action}`)
  })

const demo = (): Snapshot =>
  storeOf(readDump([{ name: 'shop.json', json: JSON.parse(text('demo/shop.json')) }], { complete: false }))

const NODE = node({
  name: 'node-1',
  status: {
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago('9d') }],
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
  },
})
const unready = { type: 'Ready', status: 'False', lastTransitionTime: ago('40m') }

function failingNightly(): Snapshot {
  const top = cronJob({ name: 'nightly', spec: { schedule: '0 * * * *' }, status: { lastScheduleTime: ago('10m') } })
  const runs = ['10m', '70m'].map((at) =>
    job({
      name: `nightly-${at}`,
      owner: top,
      created: ago(at),
      spec: { backoffLimit: 0 },
      status: {
        startTime: ago(at),
        failed: 1,
        conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: ago(at) }],
      },
    }),
  )
  return snapshotOf([NODE, top, ...runs])
}

function unmetGate(): Snapshot {
  const spec = { readinessGates: [{ conditionType: 'example.test/in-pool' }] }
  const { all } = cart([{ status: { ready: true, state: running('40m') } }], {
    spec,
    status: { conditions: [unready] },
  })
  return snapshotOf([NODE, ...all])
}

function stuckUpdate(): Snapshot {
  const status = { replicas: 2, readyReplicas: 2, updatedReplicas: 1, currentRevision: 'db-1', updateRevision: 'db-2' }
  const members = ['db-0', 'db-1'].map((name, index) => ({ name, revision: `db-${2 - index}` }))
  const top = statefulSet({ name: 'db', created: ago('9d'), spec: { replicas: 2 }, status })
  const pods = members.map(
    ({ name, revision }) =>
      deployed({
        pod: {
          name,
          owner: top,
          created: ago(revision === 'db-2' ? '2h' : '9d'),
          labels: { 'controller-revision-hash': revision },
          spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'db:2' }] },
          status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago('2h') }] },
        },
      }).pod,
  )
  return snapshotOf([NODE, top, ...pods])
}

const usedUp = (): Snapshot =>
  snapshotOf([NODE, quota({ name: 'compact', status: { hard: { pods: '1' }, used: { pods: '1' } } })])

function orphanedHook(): Snapshot {
  const hook = {
    name: 'check.test',
    failurePolicy: 'Fail',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    clientConfig: { service: { namespace: 'policy', name: 'server' } },
  }
  return snapshotOf([NODE, validatingWebhook({ name: 'guard', webhooks: [hook] })])
}

const reasonless = (): Snapshot =>
  snapshotOf([NODE, namespace({ name: 'shop', annotations: { 'dogwatch.io/ignore': 'crash-loop' } })])

/** A whole cluster on which each rule fires or is pending. */
const FIRES: Readonly<Record<string, string | (() => Snapshot)>> = {
  'autoscaler-broken': 'hpa-broken',
  'bad-suppression': reasonless,
  'cannot-create-pods': 'quota',
  'claim-pending': 'pending-pvc',
  'config-error': 'config-missing',
  'crash-loop': 'crash-exit',
  'cronjob-failing': failingNightly,
  'disruption-budget-blocks': 'pdb-all',
  'image-pull': 'image-missing',
  'job-failed': 'job-failed',
  'mount-failed': 'mount-missing',
  'no-requests': 'no-requests',
  'node-unhealthy': 'node-lost',
  'not-ready': unmetGate,
  'oom-kill': 'oom',
  'orphaned-claim': 'pvc-orphan',
  'pending-pod': 'pending-cpu',
  'pod-failed': 'failed-left',
  'pods-evicted': 'evicted',
  'probe-failing': 'readiness',
  'quota-full': usedUp,
  'released-volume': 'pv-released',
  'rollout-stuck': stuckUpdate,
  'service-no-endpoints': demo,
  'stuck-terminating': 'terminating',
  'under-provisioned': 'under-provisioned',
  'webhook-unreachable': orphanedHook,
}

/** One look holds one sample, and no sample shows what is never needed: these fire only where somebody has sampled for a day. */
const NEVER_FROM_ONE_LOOK = ['over-provisioned']

test('each rule has a cluster on which it fires', () => {
  assert.deepEqual(Object.keys(FIRES).concat(NEVER_FROM_ONE_LOOK).toSorted(), IDS.toSorted())
})

for (const [id, where] of Object.entries(FIRES))
  test(`${id}: is told of ${typeof where === 'string' ? `the recording ${where}` : 'a cluster that has it'}`, async () => {
    const { findings } = await judge(typeof where === 'string' ? recording(where) : where())
    const shown = findings.filter(({ state }) => state === 'firing' || state === 'pending')
    assert.ok(
      shown.some(({ rule }) => rule.id === id),
      shown.map(({ rule, target }) => `${rule.id} ${target.name}`).join(),
    )
  })

test('nothing is told of what is healthy', async () => {
  for (const name of ['healthy', 'healthy-restarted', 'hpa', 'pvc-running', 'cron-suspended', 'pvc-cron', 'pvc-wait']) {
    const { findings } = await judge(recording(name))
    const told = findings.filter(({ severity }) => severity !== 'info')
    assert.deepEqual(
      told.map(({ rule, target }) => `${name}: ${rule.id} ${target.name}`),
      [],
    )
  }
})

for (const { rule, evaluate } of rules.filter(({ rule: { id } }) => !NEVER_FROM_ONE_LOOK.includes(id)))
  test(`${rule.id}: says no, and not merely nothing, of something in a whole cluster`, () => {
    const answers = [...RECORDINGS.map(recording), demo()].flatMap((snapshot) =>
      rule.subjects
        .flatMap((kind): readonly Subject[] => subjectsIn(kind, snapshot))
        .map((subject) => evaluate(subject, { snapshot, now: snapshot.takenAt })?.truth),
    )
    assert.ok(answers.includes('false'), `${answers.length} answers, none of them no`)
  })
