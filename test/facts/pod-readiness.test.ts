import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE } from '../../src/util/time.ts'
import { NOW, ago, deployment, node, snapshotOf, type Seed } from '../support/build.ts'
import { cart, ended, running, waiting, type ContainerSeed } from '../support/containers.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const POD = { kind: 'pod', name: 'cart-6d4f-x2x4z' } as const

const ready = (status: string, since: string) => ({ type: 'Ready', status, lastTransitionTime: ago(since) })
const conditions = (...list: object[]): Seed => ({ status: { conditions: list } })
const UP: ContainerSeed = { status: { ready: false, state: running('1h') } }

const look = (seed: Seed, containers: readonly ContainerSeed[] = [UP]) => snapshotOf(cart(containers, seed).all)

test('podReadiness: ready and unready, since the condition changed', () => {
  assert.deepEqual(readingOf('podReadiness', POD, look(conditions(ready('True', '30m')))), {
    value: 'ready',
    since: NOW - 30 * MINUTE,
  })
  assert.deepEqual(readingOf('podReadiness', POD, look(conditions(ready('False', '30m')))), {
    value: 'unready',
    since: NOW - 30 * MINUTE,
  })
})

test('podReadiness: starting, for as long as the owner gives a pod that has not been ready yet', () => {
  const young: Seed = { created: ago('4m'), ...conditions(ready('False', '4m')) }
  assert.deepEqual(readingOf('podReadiness', POD, look(young)), {
    value: 'starting',
    since: NOW - 4 * MINUTE,
    until: NOW + 6 * MINUTE,
  })
  const old: Seed = { created: ago('11m'), ...conditions(ready('False', '11m')) }
  assert.equal(valueOf('podReadiness', POD, look(old)), 'unready')
  const patient = deployment({ name: 'cart', spec: { progressDeadlineSeconds: 1200 } })
  const [, set, pod] = cart([UP], old).all
  assert.ok(set && pod)
  assert.equal(valueOf('podReadiness', POD, snapshotOf([patient, set, pod])), 'starting')
})

test('podReadiness: starting again after a restart, unready when it was ready in between', () => {
  const again: ContainerSeed = { status: { ready: false, state: running('2m'), lastState: ended('5h', '2m10s') } }
  assert.equal(valueOf('podReadiness', POD, look(conditions(ready('False', '2m10s')), [again])), 'starting')
  assert.equal(valueOf('podReadiness', POD, look(conditions(ready('False', '1m')), [again])), 'unready')
})

test('podReadiness: starting for as long as a startup probe allows', () => {
  const spec = { startupProbe: { periodSeconds: 10, failureThreshold: 360 } }
  const slow: ContainerSeed = { spec, status: { ready: false, started: false, state: running('40m') } }
  const seed: Seed = { created: ago('41m'), ...conditions(ready('False', '41m')) }
  assert.deepEqual(readingOf('podReadiness', POD, look(seed, [slow])), {
    value: 'starting',
    since: NOW - 41 * MINUTE,
    until: NOW + 20 * MINUTE,
  })
  const passed: ContainerSeed = { spec, status: { ready: false, started: true, state: running('40m') } }
  assert.equal(valueOf('podReadiness', POD, look(seed, [passed])), 'unready')
})

test('podReadiness: pods that cannot be ready are not unready', () => {
  assert.equal(
    valueOf('podReadiness', POD, look({ deleted: ago('1m'), ...conditions(ready('False', '1h')) })),
    'deleting',
  )
  for (const phase of ['Succeeded', 'Failed'])
    assert.equal(valueOf('podReadiness', POD, look({ status: { phase } })), 'finished')
  assert.equal(valueOf('podReadiness', POD, look({ spec: { nodeName: undefined } })), 'unscheduled')
  assert.deepEqual(valueOf('podReadiness', POD, look({})), { unknown: 'not-recorded' })
})

const CAUSES: readonly [
  what: string,
  containers: readonly ContainerSeed[],
  cause: string,
  words: string,
  seed?: Seed,
][] = [
  [
    'a readiness probe',
    [{ spec: { readinessProbe: {} }, status: { ready: false, state: running('1h') } }],
    'readiness-probe',
    'container app runs and its readiness probe does not succeed',
  ],
  [
    'a startup probe',
    [
      {
        spec: { startupProbe: {}, readinessProbe: {} },
        status: { ready: false, started: false, state: running('1h') },
      },
    ],
    'startup-probe',
    'the startup probe of container app has not succeeded yet',
  ],
  [
    'a container that waits',
    [{ status: { state: waiting('CreateContainerError') } }],
    'not-running',
    'container app does not run (CreateContainerError)',
  ],
  [
    'a sidecar that died',
    [
      { name: 'mesh', role: 'sidecar', status: { state: ended('2m', '1m') } },
      { status: { ready: true, state: running('1h') } },
    ],
    'not-running',
    'container mesh does not run (Error)',
  ],
  [
    'an init container that goes on',
    [
      { name: 'wait', role: 'init', status: { state: running('1h') } },
      { status: { state: waiting('PodInitializing') } },
    ],
    'init-container',
    'init container wait still runs',
  ],
  [
    'an init container that fails',
    [
      { name: 'wait', role: 'init', status: { state: ended('2m', '1m') } },
      { status: { state: waiting('PodInitializing') } },
    ],
    'init-container',
    'init container wait has not completed (Error)',
  ],
  [
    'a readiness gate',
    [{ status: { ready: true, state: running('1h') } }],
    'readiness-gate',
    'the readiness gate example.test/in-pool is not met',
    { spec: { readinessGates: [{ conditionType: 'example.test/in-pool' }] } },
  ],
  [
    'nothing that is known',
    [{ status: { ready: true, state: running('1h') } }],
    'other',
    'no container, probe or gate says why',
  ],
]

for (const [what, containers, cause, words, seed = {}] of CAUSES)
  test(`unreadyCause: ${what}`, () => {
    assert.equal(valueOf('unreadyCause', POD, look(seed, containers)), cause)
    assert.equal(valueOf('unreadyProblem', POD, look(seed, containers)), words)
  })

test('unreadyCause: the node comes first', () => {
  const lost = node({ name: 'node-1', status: { conditions: [ready('Unknown', '9m')] } })
  assert.equal(valueOf('unreadyProblem', POD, snapshotOf([...cart([UP]).all, lost])), 'its node node-1 is not ready')
})
