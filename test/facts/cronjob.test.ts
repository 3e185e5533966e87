import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, cronJob, job, pod, snapshotOf, type Raw, type Seed } from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const NIGHTLY = { kind: 'cronjob', name: 'nightly' } as const

const ended = (type: 'Failed' | 'Complete', at: string): object => ({
  conditions: [{ type, status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: at }],
})

/** A CronJob with kept runs, each by how it went and when it began. */
function nightly(runs: readonly (readonly [how: 'failed' | 'ok' | 'runs', began: string])[], seed: Seed = {}): Raw[] {
  const top = cronJob({
    name: 'nightly',
    spec: { schedule: '0 3 * * *', failedJobsHistoryLimit: 5 },
    status: {},
    ...seed,
  })
  const status = (how: string, began: string): object =>
    how === 'runs' ? { active: 1 } : ended(how === 'ok' ? 'Complete' : 'Failed', ago(began))
  return [
    top,
    ...runs.map(([how, began], index) =>
      job({ name: `nightly-${index}`, owner: top, created: ago(began), status: status(how, began) }),
    ),
  ]
}

const failures = (...given: Parameters<typeof nightly>): unknown =>
  valueOf('consecutiveFailures', NIGHTLY, snapshotOf(nightly(...given)))

test('failures count from the newest run back to the last success', () => {
  assert.equal(failures([]), 0)
  assert.equal(failures([['ok', '1h']]), 0)
  assert.equal(failures([['failed', '1h']]), 1)
  assert.equal(
    failures([
      ['failed', '1h'],
      ['failed', '2h'],
      ['ok', '3h'],
      ['failed', '4h'],
    ]),
    2,
  )
  assert.equal(
    failures([
      ['ok', '1h'],
      ['failed', '2h'],
      ['failed', '3h'],
    ]),
    0,
  )
  assert.equal(
    failures([
      ['runs', '1m'],
      ['failed', '2h'],
      ['failed', '3h'],
    ]),
    2,
  )
})

test('a success that is no longer kept is known by its time', () => {
  const runs = [
    ['failed', '2h'],
    ['failed', '3h'],
  ] as const
  assert.equal(failures(runs, { status: { lastSuccessfulTime: ago('1h') } }), 0)
  assert.equal(failures(runs, { status: { lastSuccessfulTime: ago('4h') } }), 2)
  assert.equal(failures(runs, { status: { lastSuccessfulTime: ago('150m') } }), 1)
})

test('where older failures are deleted the end is open', () => {
  const limit = (failedJobsHistoryLimit: number): Seed => ({ spec: { failedJobsHistoryLimit } })
  assert.deepEqual(failures([['failed', '1h']], limit(1)), { atLeast: 1, atMost: Infinity })
  assert.deepEqual(failures([['failed', '1h']], { spec: {} }), { atLeast: 1, atMost: Infinity })
  assert.deepEqual(
    failures(
      [
        ['failed', '1h'],
        ['failed', '2h'],
      ],
      limit(2),
    ),
    { atLeast: 2, atMost: Infinity },
  )
  assert.equal(
    failures(
      [
        ['ok', '1h'],
        ['failed', '2h'],
      ],
      limit(1),
    ),
    0,
  )
})

test('where none are kept only a success that is newer than all that was due says that none failed', () => {
  const spec = { failedJobsHistoryLimit: 0 }
  const due = (lastScheduleTime: string, lastSuccessfulTime?: string): object => ({
    lastScheduleTime,
    lastSuccessfulTime,
  })
  assert.deepEqual(failures([], { spec, status: due(ago('1h')) }), { atLeast: 0, atMost: Infinity })
  assert.deepEqual(failures([], { spec, status: due(ago('1h'), ago('2h')) }), { atLeast: 0, atMost: Infinity })
  assert.equal(failures([], { spec, status: due(ago('1h'), ago('59m')) }), 0)
  assert.equal(failures([], { spec, status: {} }), 0)
  const swept = { jobTemplate: { spec: { ttlSecondsAfterFinished: 60 } } }
  assert.deepEqual(failures([], { spec: swept, status: due(ago('1h'), ago('2h')) }), { atLeast: 0, atMost: Infinity })
})

test('since when: the newest failure', () => {
  const reading = readingOf(
    'consecutiveFailures',
    NIGHTLY,
    snapshotOf(
      nightly([
        ['failed', '1h'],
        ['failed', '2h'],
      ]),
    ),
  )
  assert.deepEqual(reading, { value: 2, since: Date.parse(ago('1h')) })
})

test('whether it ever worked, and what went wrong last', () => {
  const told = (...given: Parameters<typeof nightly>): unknown[] =>
    ['everSucceeded', 'lastFailure', 'lastSuccess'].map((fact) => valueOf(fact, NIGHTLY, snapshotOf(nightly(...given))))
  assert.deepEqual(told([['failed', '1h']]), [false, 'Job nightly-0: BackoffLimitExceeded', null])
  assert.deepEqual(
    told([
      ['ok', '1h'],
      ['failed', '2h'],
    ]),
    [true, null, null],
  )
  const at = ago('4h')
  assert.deepEqual(told([['failed', '1h']], { status: { lastSuccessfulTime: at } }), [
    true,
    'Job nightly-0: BackoffLimitExceeded',
    at,
  ])
  const [top, run] = nightly([['failed', '1h']])
  assert.ok(top && run)
  const state = { terminated: { exitCode: 7, reason: 'Error', finishedAt: ago('1h') } }
  const one = pod({
    owner: run,
    spec: { containers: [{ name: 'app' }] },
    status: { containerStatuses: [{ name: 'app', state }] },
  })
  assert.equal(
    valueOf('lastFailure', NIGHTLY, snapshotOf([top, run, one])),
    'Job nightly-0: BackoffLimitExceeded, container app exited with 7 (Error)',
  )
})

test('suspended, and the schedule', () => {
  const told = (spec: object): unknown[] =>
    ['suspended', 'schedule'].map((fact) => valueOf(fact, NIGHTLY, snapshotOf(nightly([], { spec }))))
  assert.deepEqual(told({ schedule: '@yearly', suspend: true }), [true, '@yearly'])
  assert.deepEqual(told({}), [false, { unknown: 'not-recorded' }])
})

test('the recordings', () => {
  const told = (name: string, from: string): unknown =>
    valueOf('consecutiveFailures', { kind: 'cronjob', name }, recording(from))
  assert.equal(told('sync-rates', 'cron-recovering'), 0)
  assert.equal(told('tick', 'healthy'), 0)
  assert.equal(told('yearly', 'cron-suspended'), 0)
})
