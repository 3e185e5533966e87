import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, cronJob, job, node, pod, snapshotOf, type Raw, type Seed } from '../support/build.ts'
import { findingOf, shown } from '../support/judge.ts'
import { recording } from '../support/recordings.ts'

const RESOURCES = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } }
const CONTAINERS = [{ name: 'app', image: 'job:1', resources: RESOURCES }]

const NODE = node({
  name: 'node-1',
  status: {
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago('9d') }],
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
  },
})

/** The pod of a run that failed with an exit code, as the kubelet leaves it. */
function deadPod(of: Raw, at: string, exit: object = {}): Raw {
  const terminated = { exitCode: 3, reason: 'Error', startedAt: ago(at), finishedAt: ago(at), ...exit }
  return pod({
    name: `${String(of.metadata['name'])}-x`,
    owner: of,
    created: ago(at),
    spec: { nodeName: 'node-1', restartPolicy: 'Never', containers: CONTAINERS },
    status: {
      phase: 'Failed',
      startTime: ago(at),
      conditions: [{ type: 'Ready', status: 'False', reason: 'PodFailed', lastTransitionTime: ago(at) }],
      containerStatuses: [{ name: 'app', ready: false, started: false, restartCount: 0, state: { terminated } }],
    },
  })
}

/** A run of a Job, with its pod when it failed. */
function run(how: 'failed' | 'ok', at: string, seed: Seed = {}): Raw[] {
  const type = how === 'ok' ? 'Complete' : 'Failed'
  const reason = how === 'ok' ? 'CompletionsReached' : 'BackoffLimitExceeded'
  const made = job({
    created: ago(at),
    spec: { backoffLimit: 0, template: { spec: { containers: CONTAINERS } } },
    status: {
      startTime: ago(at),
      [how === 'ok' ? 'succeeded' : 'failed']: 1,
      conditions: [{ type, status: 'True', reason, lastTransitionTime: ago(at) }],
    },
    ...seed,
  })
  return how === 'ok' ? [made] : [made, deadPod(made, at)]
}

type Went = readonly [how: 'failed' | 'ok', at: string]

function cron(runs: readonly Went[], seed: Seed = {}): Raw[] {
  const top = cronJob({
    name: 'nightly',
    spec: { schedule: '0 * * * *', failedJobsHistoryLimit: 3 },
    status: { lastScheduleTime: ago('10m') },
    ...seed,
  })
  return [NODE, top, ...runs.flatMap(([how, at], index) => run(how, at, { name: `nightly-${index}`, owner: top }))]
}

test('job-failed: once for the Job, not once for each pod', async () => {
  const made = run('failed', '20m', { name: 'import' })
  const [top] = made
  assert.ok(top)
  const again = { ...deadPod(top, '25m'), metadata: { ...deadPod(top, '25m').metadata, name: 'import-y', uid: 'y' } }
  const snapshot = snapshotOf([NODE, ...made, again])
  assert.deepEqual(await shown(snapshot), ['job-failed Job/import'])
  const finding = await findingOf('job-failed', snapshot)
  assert.equal(finding.state, 'firing')
  assert.match(finding.message, /backoff limit of 0 .* exited with 3 \(Error\)/)
})

test('cronjob-failing: several failures in a row are one finding on the CronJob', async () => {
  const snapshot = snapshotOf(
    cron([
      ['failed', '10m'],
      ['failed', '70m'],
      ['ok', '130m'],
    ]),
  )
  assert.deepEqual(await shown(snapshot), ['cronjob-failing CronJob/nightly'])
  const finding = await findingOf('cronjob-failing', snapshot)
  assert.equal(finding.state, 'firing')
  assert.match(finding.message, /failed: 2; Job nightly-0: BackoffLimitExceeded, container app exited with 3/)
})

test('cronjob-failing: one that never worked needs only one failure', async () => {
  assert.deepEqual(await shown(snapshotOf(cron([['failed', '10m']]))), ['cronjob-failing CronJob/nightly'])
  const one = { spec: { schedule: '@hourly' } }
  assert.deepEqual(await shown(snapshotOf(cron([['failed', '10m']], one))), ['cronjob-failing CronJob/nightly'])
})

test('job-failed: a single failure of a CronJob that worked before is told of the CronJob too', async () => {
  const snapshot = snapshotOf(
    cron([
      ['failed', '10m'],
      ['ok', '70m'],
    ]),
  )
  assert.deepEqual(await shown(snapshot), ['job-failed CronJob/nightly'])
})

test('a CronJob that recovered or is suspended says nothing, nor do its old runs', async () => {
  const recovered = cron(
    [
      ['ok', '10m'],
      ['failed', '70m'],
      ['failed', '130m'],
    ],
    { status: { lastSuccessfulTime: ago('10m') } },
  )
  assert.deepEqual(await shown(snapshotOf(recovered)), [])
  const suspended = cron(
    [
      ['failed', '10m'],
      ['failed', '70m'],
    ],
    { spec: { suspend: true, schedule: '0 * * * *' } },
  )
  assert.deepEqual(await shown(snapshotOf(suspended)), [])
  const yearly = cron([], { spec: { schedule: '0 0 1 1 *' }, status: {} })
  assert.deepEqual(await shown(snapshotOf(yearly)), [])
})

test('Jobs that were retried or go on say nothing', async () => {
  const retried = run('ok', '20m', { name: 'retried' })
  const [top] = retried
  assert.ok(top)
  assert.deepEqual(await shown(snapshotOf([NODE, ...retried, deadPod(top, '25m')])), [])
  const active = job({ name: 'busy', status: { active: 1, failed: 2, startTime: ago('5m') } })
  assert.deepEqual(await shown(snapshotOf([NODE, active])), [])
})

test('the recordings', async () => {
  assert.deepEqual(await shown(recording('job-failed')), ['job-failed Job/import-2026', 'job-failed Job/report'])
  assert.deepEqual(await shown(recording('cron-recovering')), [])
  assert.deepEqual(await shown(recording('cron-suspended')), [])
})
