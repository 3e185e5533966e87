import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, cronJob, job, pod, snapshotOf, type Raw, type Seed } from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const IMPORT = { kind: 'job', name: 'import' } as const

const failed = (reason: string, at = ago('20m'), message = 'index 3 failed'): object => ({
  failed: 3,
  conditions: [
    { type: 'FailureTarget', status: 'True', reason, lastTransitionTime: at },
    { type: 'Failed', status: 'True', reason, message, lastTransitionTime: at },
  ],
})
const complete = { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }

const imported = (seed: Seed = {}): Raw =>
  job({
    name: 'import',
    spec: { backoffLimit: 2, activeDeadlineSeconds: 600 },
    status: failed('BackoffLimitExceeded'),
    ...seed,
  })

const exited = (name: string, exitCode: number, at: string, seed: Seed = {}): Raw =>
  pod({
    name,
    spec: { containers: [{ name: 'app' }] },
    status: {
      phase: 'Failed',
      containerStatuses: [{ name: 'app', state: { terminated: { exitCode, reason: 'Error', finishedAt: ago(at) } } }],
    },
    ...seed,
  })

test('a Job failed when it says so, from then on', () => {
  assert.deepEqual(readingOf('jobFailure', IMPORT, snapshotOf([imported()])), {
    value: 'BackoffLimitExceeded',
    since: Date.parse(ago('20m')),
  })
  const quiet: Seed[] = [
    { status: { active: 1, failed: 2 } },
    { status: complete },
    { status: { conditions: [{ type: 'Suspended', status: 'True' }] }, spec: { suspend: true } },
    { status: { conditions: [{ type: 'Failed', status: 'False' }] } },
    { status: { conditions: [{ type: 'FailureTarget', status: 'True', reason: 'BackoffLimitExceeded' }] } },
    { deleted: ago('1m') },
    { status: undefined },
  ]
  for (const seed of quiet)
    assert.deepEqual(
      readingOf('jobFailure', IMPORT, snapshotOf([imported(seed)])),
      { value: null },
      JSON.stringify(seed),
    )
})

test('each way to fail is told with its numbers', () => {
  const words: readonly (readonly [reason: string, text: string])[] = [
    ['BackoffLimitExceeded', 'used up its backoff limit of 2 with 3 failed pods'],
    ['DeadlineExceeded', 'ran longer than its deadline of 600 s'],
    ['PodFailurePolicy', 'was ended by its pod failure policy: index 3 failed'],
    ['FailedIndexes', 'has failed indexes: index 3 failed'],
    ['MaxFailedIndexesExceeded', 'has more failed indexes than it allows: index 3 failed'],
    ['constructor', 'failed: constructor: index 3 failed'],
  ]
  for (const [reason, text] of words)
    assert.equal(valueOf('jobFailureDetail', IMPORT, snapshotOf([imported({ status: failed(reason) })])), text)
  assert.equal(valueOf('jobFailureDetail', IMPORT, snapshotOf([imported({ status: complete })])), null)
})

test('the container that failed last is named while its pod is there', () => {
  const top = imported()
  const pods = [
    exited('b', 3, '30m', { owner: top }),
    exited('a', 7, '21m', { owner: top }),
    exited('c', 0, '1m', { owner: top }),
  ]
  const snapshot = snapshotOf([top, ...pods, exited('d', 9, '1m')])
  assert.equal(
    valueOf('jobFailureDetail', IMPORT, snapshot),
    'used up its backoff limit of 2 with 3 failed pods; container app last exited with 7 (Error)',
  )
  assert.equal(valueOf('lastFailedExitCode', IMPORT, snapshot), 7)
  assert.equal(valueOf('lastFailedExitCode', IMPORT, snapshotOf([top])), null)
})

test('limits', () => {
  const told = (spec: object): unknown[] =>
    ['backoffLimit', 'deadlineSeconds', 'failedPods'].map((fact) =>
      valueOf(fact, IMPORT, snapshotOf([imported({ spec })])),
    )
  assert.deepEqual(told({ backoffLimit: 0, activeDeadlineSeconds: 10 }), [0, 10, 3])
  assert.deepEqual(told({}), [{ unknown: 'not-recorded' }, null, 3])
})

test('a run of a CronJob is history once a later one succeeded, or the CronJob is suspended', () => {
  const told = (top: Seed, ...later: Seed[]): unknown => {
    const cron = cronJob({ name: 'nightly', spec: {}, status: {}, ...top })
    const runs = later.map((seed, index) => job({ name: `later-${index}`, owner: cron, created: ago('10m'), ...seed }))
    return valueOf('jobFailure', IMPORT, snapshotOf([cron, imported({ owner: cron, created: ago('30m') }), ...runs]))
  }
  const FAILED = 'BackoffLimitExceeded'
  assert.equal(told({}), FAILED)
  assert.equal(told({}, { status: complete }), null)
  assert.equal(told({}, { status: { active: 1 } }), FAILED)
  assert.equal(told({}, { status: failed('DeadlineExceeded') }), FAILED)
  assert.equal(told({}, { status: complete, created: ago('50m') }), FAILED)
  assert.equal(told({ status: { lastSuccessfulTime: ago('5m') } }), null)
  assert.equal(told({ status: { lastSuccessfulTime: ago('2h') } }), FAILED)
  assert.equal(told({ spec: { suspend: true } }), null)
})

test('the recordings', () => {
  const snapshot = recording('job-failed')
  const told = (name: string): unknown => valueOf('jobFailureDetail', { kind: 'job', name }, snapshot)
  assert.match(String(told('import-2026')), /backoff limit of 1 .* exited with 7/)
  assert.equal(told('report'), 'ran longer than its deadline of 10 s')
  for (const name of ['finished', 'retried'])
    assert.equal(valueOf('jobFailure', { kind: 'job', name }, recording('healthy')), null)
  for (const name of ['sync-rates-29921024', 'sync-rates-29921025'])
    assert.equal(valueOf('jobFailure', { kind: 'job', name }, recording('cron-recovering')), null)
})
