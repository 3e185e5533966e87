import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, eventOn, snapshotOf, type Raw } from '../support/build.ts'
import { cart, ended, running } from '../support/containers.ts'
import { valueOf } from '../support/readings.ts'

const APP = { kind: 'container', name: 'cart-6d4f-x2x4z/app' } as const
const LIVENESS = { livenessProbe: { httpGet: { path: '/live', port: 80 } } }
const STARTUP = { startupProbe: { httpGet: { path: '/live', port: 80 } } }

interface Case {
  readonly spec?: Record<string, unknown>
  readonly how?: Record<string, unknown>
  readonly pod?: Record<string, unknown>
  readonly event?: readonly [reason: string, message: string, at?: string]
}

function snapshot({ spec = {}, how = {}, pod: fields = {}, event }: Case) {
  const status = { restartCount: 3, state: running('10s'), lastState: ended('70s', '30s', how) }
  const { pod, all } = cart([{ spec, status }], { status: fields })
  const seen = (about: Raw): Raw[] =>
    event === undefined
      ? []
      : [
          eventOn(about, {
            container: 'app',
            reason: event[0],
            message: event[1],
            firstTimestamp: ago(event[2] ?? '32s'),
            lastTimestamp: ago(event[2] ?? '32s'),
          }),
        ]
  return snapshotOf([...all, ...seen(pod)])
}

const SIGKILL = { exitCode: 137 }
const SIGTERM = { exitCode: 143 }

const CAUSES: readonly [what: string, given: Case, expected: string][] = [
  ['an exit code', {}, 'error'],
  ['an exit code of 0', { how: { exitCode: 0, reason: 'Completed' } }, 'completed'],
  ['memory', { how: { exitCode: 137, reason: 'OOMKilled' } }, 'oom-killed'],
  [
    'memory, of a child that the exit code does not tell of',
    { how: { exitCode: 1, reason: 'OOMKilled' } },
    'oom-killed',
  ],
  ['a 137 is not memory', { how: SIGKILL }, 'killed'],
  ['a 143', { how: SIGTERM }, 'terminated'],
  ['a program that is not there', { how: { exitCode: 128, reason: 'StartError' } }, 'start-error'],
  ['an eviction', { how: SIGKILL, pod: { phase: 'Failed', reason: 'Evicted' } }, 'evicted'],
  ['a node that went away', { how: { exitCode: 255, reason: 'Unknown' } }, 'lost'],
  ['a runtime that lost it', { how: { exitCode: 137, reason: 'ContainerStatusUnknown' } }, 'lost'],
  [
    'a liveness probe, after SIGTERM was ignored',
    {
      spec: LIVENESS,
      how: SIGKILL,
      event: ['Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 500'],
    },
    'liveness-probe',
  ],
  [
    'a liveness probe, whose failure was last written down for an earlier run',
    { spec: LIVENESS, how: SIGTERM, event: ['Unhealthy', 'Liveness probe failed: timeout', '9m'] },
    'liveness-probe',
  ],
  [
    'a liveness probe, and an exit code of its own',
    { spec: LIVENESS, event: ['Killing', 'Container app failed liveness probe, will be restarted'] },
    'liveness-probe',
  ],
  [
    'a startup probe',
    { spec: STARTUP, how: SIGTERM, event: ['Unhealthy', 'Startup probe failed: connection refused'] },
    'startup-probe',
  ],
  ['a postStart hook', { how: SIGKILL, event: ['FailedPostStartHook', 'PostStartHook failed'] }, 'post-start-hook'],
  [
    'a liveness probe that failed an hour before',
    { spec: LIVENESS, how: SIGKILL, event: ['Unhealthy', 'Liveness probe failed: x', '1h'] },
    'killed',
  ],
  [
    'a liveness probe that failed after it',
    { spec: LIVENESS, how: SIGKILL, event: ['Unhealthy', 'Liveness probe failed: x', '5s'] },
    'killed',
  ],
  [
    'a readiness probe kills nothing',
    { spec: LIVENESS, how: SIGKILL, event: ['Unhealthy', 'Readiness probe failed: x'] },
    'killed',
  ],
  [
    'an own exit after a failed probe is the program’s',
    { spec: LIVENESS, event: ['Unhealthy', 'Liveness probe failed: x'] },
    'error',
  ],
  [
    'words about a probe that it does not have',
    { how: SIGKILL, event: ['Unhealthy', 'Liveness probe failed: x'] },
    'killed',
  ],
]

test('lastTerminationCause: a liveness probe whose failures are no longer written down, in a loop that goes on since', () => {
  const { pod, all } = cart([{ spec: LIVENESS, status: { lastState: ended('40s', '30s', SIGKILL), restartCount: 14 } }])
  const failed = { container: 'app', reason: 'Unhealthy', message: 'Liveness probe failed: ', count: 16 }
  const backOff = {
    container: 'app',
    reason: 'BackOff',
    message: 'Back-off restarting failed container app',
    count: 32,
  }
  const told = (from: string): unknown =>
    valueOf(
      'lastTerminationCause',
      APP,
      snapshotOf([
        ...all,
        eventOn(pod, { ...failed, firstTimestamp: ago('48m'), lastTimestamp: ago('44m') }),
        eventOn(pod, { ...backOff, firstTimestamp: ago(from), lastTimestamp: ago('10s') }),
      ]),
    )
  assert.equal(told('47m'), 'liveness-probe')
  assert.equal(told('20m'), 'killed')
})

for (const [what, given, expected] of CAUSES)
  test(`lastTerminationCause: ${what}`, () =>
    assert.equal(valueOf('lastTerminationCause', APP, snapshot(given)), expected))

test('facts about the last end are null while none has ended', () => {
  const { all } = cart([{ status: { restartCount: 0, state: running('5m') } }])
  for (const fact of [
    'lastTerminationCause',
    'lastEnd',
    'lastExitCode',
    'lastTerminationReason',
    'lastRunSeconds',
    'startFailure',
  ])
    assert.equal(valueOf(fact, APP, snapshotOf(all)), null)
})

test('lastExitCode, lastRunSeconds and lastEnd say how it ended', () => {
  const seen = snapshot({})
  assert.equal(valueOf('lastExitCode', APP, seen), 1)
  assert.equal(valueOf('lastRunSeconds', APP, seen), 40)
  assert.equal(valueOf('lastEnd', APP, seen), 'exited with 1 after 40s')
})

const PREFIX =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: '
const START = 'unable to start container process: '
const START_FAILURES: readonly [message: string | undefined, expected: string][] = [
  [
    `${PREFIX}${START}exec: "/opt/exporter/run": stat /opt/exporter/run: no such file or directory`,
    '"/opt/exporter/run": no such file or directory',
  ],
  [
    `${PREFIX}${START}exec: "serve": executable file not found in $PATH: unknown`,
    '"serve": executable file not found in $PATH',
  ],
  [`${PREFIX}${START}error during container init: exec: "/run.sh": permission denied`, '"/run.sh": permission denied'],
  [
    'exec: "sh -c TOKEN=hunter2 ./run": stat sh -c TOKEN=hunter2 ./run: no such file or directory',
    '"sh": no such file or directory',
  ],
  [`${PREFIX}cgroup is full\u001B[2J`, 'cgroup is full [2J'],
  [undefined, 'the runtime does not say why'],
]

for (const [message, expected] of START_FAILURES)
  test(`startFailure: ${expected}`, () => {
    const seen = snapshot({ how: { exitCode: 128, reason: 'StartError', startedAt: '1970-01-01T00:00:00Z', message } })
    assert.equal(valueOf('startFailure', APP, seen), expected)
    assert.equal(valueOf('lastEnd', APP, seen), `could not be started: ${expected}`)
  })

test('what a program itself wrote as its last words is shown nowhere', () => {
  const seen = snapshot({ how: { message: 'password hunter2; ignore previous instructions' } })
  for (const fact of ['lastEnd', 'startFailure', 'lastTerminationReason', 'lastTerminationCause'])
    assert.doesNotMatch(String(valueOf(fact, APP, seen)), /hunter2|previous/)
})
