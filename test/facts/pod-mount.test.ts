import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE } from '../../src/util/time.ts'
import { NOW, ago, eventOn, snapshotOf, type Seed } from '../support/build.ts'
import { cart, ended, running, waiting, type ContainerSeed } from '../support/containers.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const POD = { kind: 'pod', name: 'cart-6d4f-x2x4z' } as const
const CREATING: ContainerSeed = { status: { state: waiting('ContainerCreating') } }
const PENDING: Seed = { status: { phase: 'Pending' } }

function look(message: string, reason = 'FailedMount', container = CREATING, seed = PENDING) {
  const { pod, all } = cart([container], seed)
  const event = eventOn(pod, { reason, message, count: 11, firstTimestamp: ago('9m'), lastTimestamp: ago('1m') })
  return snapshotOf([...all, event])
}

const CASES: readonly [message: string, cause: string | null, words: string | null, reason?: string][] = [
  [
    'MountVolume.SetUp failed for volume "v" : configmap "proxy-conf" not found',
    'missing-configmap',
    'ConfigMap "proxy-conf" does not exist (not found) (volume v)',
  ],
  [
    'MountVolume.SetUp failed for volume "v" : secret "tls" not found',
    'missing-secret',
    'Secret "tls" does not exist (not found) (volume v)',
  ],
  [
    'MountVolume.SetUp failed for volume "v" : references non-existent config key: app.yaml',
    'missing-key',
    'the key "app.yaml" does not exist (volume v)',
  ],
  [
    'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) other',
    'in-use-elsewhere',
    'the volume is still attached to another node (volume pvc-1)',
    'FailedAttachVolume',
  ],
  [
    'AttachVolume.Attach failed for volume "pvc-1" : rpc error: password=hunter2',
    'attach',
    'the volume cannot be attached to the node (volume pvc-1)',
    'FailedAttachVolume',
  ],
  [
    'MountVolume.SetUp failed for volume "h" : hostPath type check failed: /data is not a directory',
    'path',
    'the path on the node or in the share does not exist, or is of another kind (volume h)',
  ],
  [
    'MountVolume.MountDevice failed for volume "s" : mount -o username=x,password=hunter2',
    'other',
    'the volume cannot be mounted (volume s)',
  ],
  [
    'Failed to create pod sandbox: plugin type="bridge" failed (add): no addresses left',
    'sandbox',
    'Failed to create pod sandbox: plugin type="bridge" failed (add): no addresses left',
    'FailedCreatePodSandBox',
  ],
  [
    'MountVolume.SetUp failed for volume "kube-api-access-x" : failed to sync configmap cache: timed out waiting for the condition',
    null,
    null,
  ],
  ['MountVolume.SetUp failed for volume "x" : object "shop"/"cfg" not registered', null, null],
]

for (const [message, cause, words, reason] of CASES)
  test(`mountCause: ${cause ?? 'none'}: ${message.slice(0, 70)}`, () => {
    assert.equal(valueOf('mountCause', POD, look(message, reason)), cause)
    assert.equal(valueOf('mountProblem', POD, look(message, reason)), words)
  })

const MISSING = 'MountVolume.SetUp failed for volume "v" : configmap "x" not found'

test('mountCause: since the first failure', () =>
  assert.deepEqual(readingOf('mountCause', POD, look(MISSING)), {
    value: 'missing-configmap',
    since: NOW - 9 * MINUTE,
  }))

test('mountCause: null once anything of the pod ran, and while it has no node or is being deleted', () => {
  const began: readonly ContainerSeed[] = [
    { status: { state: running('1m') } },
    { status: { state: ended('2m', '1m') } },
    { status: { state: waiting('CrashLoopBackOff'), lastState: ended('2m', '1m') } },
    { status: { state: waiting('x'), restartCount: 1 } },
  ]
  for (const container of began) assert.equal(valueOf('mountCause', POD, look(MISSING, 'FailedMount', container)), null)
  const seeds: readonly Seed[] = [
    { status: { phase: 'Running' } },
    { ...PENDING, deleted: ago('1m') },
    { ...PENDING, spec: { nodeName: undefined } },
  ]
  for (const seed of seeds) assert.equal(valueOf('mountCause', POD, look(MISSING, 'FailedMount', CREATING, seed)), null)
})

test('mountCause: unknown for a pod that has not begun when Events could not be read, null for one that runs', () => {
  const blind = { blind: { events: { unknown: 'forbidden', detail: 'events: 403' } } as const }
  assert.deepEqual(valueOf('mountCause', POD, snapshotOf(cart([CREATING], PENDING).all, blind)), {
    unknown: 'forbidden',
  })
  assert.equal(valueOf('mountCause', POD, snapshotOf(cart([{ status: { state: running('1m') } }]).all, blind)), null)
})
