import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLAIM_OBSTACLES, CLAIM_STATES } from '../../src/facts/claim-fill.ts'
import {
  ago,
  claim,
  eventOn,
  pod,
  snapshotOf,
  storageClass,
  volume,
  volumeSnapshot,
  type Raw,
} from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const DATA = { kind: 'claim', name: 'data' } as const

const pending = (spec: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): Raw =>
  claim({
    name: 'data',
    created: ago('1h'),
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } }, ...spec },
    status: { phase: 'Pending' },
    ...rest,
  })

const offer = (spec: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): Raw =>
  volume({
    name: 'pv',
    spec: { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce', 'ReadOnlyMany'], ...spec },
    status: { phase: 'Available' },
    ...rest,
  })

const CLASS = storageClass({ name: 'fast', provisioner: 'csi.example.com', volumeBindingMode: 'Immediate' })
const WAIT = storageClass({ name: 'wait', provisioner: 'csi.example.com', volumeBindingMode: 'WaitForFirstConsumer' })
const LOCAL = storageClass({
  name: 'local',
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
})
const USER = pod({
  spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] },
  status: { phase: 'Pending' },
})
const refusal = (about: Raw, message: string, lastTimestamp = ago('1m')): Raw =>
  eventOn(about, { reason: 'ProvisioningFailed', message, lastTimestamp })
const selected = { annotations: { 'volume.kubernetes.io/selected-node': 'a' } }

type Obstacle = (typeof CLAIM_OBSTACLES)[number]
type State = (typeof CLAIM_STATES)[number]

const CLAIMS: [what: string, objects: Raw[], state: State, obstacle: Obstacle, words?: RegExp][] = [
  ['bound', [pending({}, { status: { phase: 'Bound' } })], 'bound', 'none'],
  ['lost', [pending({ volumeName: 'pv' }, { status: { phase: 'Lost' } })], 'lost', 'volume-lost', /volume pv is gone/],
  [
    'of a class that does not exist',
    [pending({ storageClassName: 'fast' })],
    'unfilled',
    'class-missing',
    /StorageClass fast does not exist/,
  ],
  [
    'of a class by the old annotation',
    [pending({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } })],
    'unfilled',
    'class-missing',
    /StorageClass old/,
  ],
  [
    'without class',
    [pending()],
    'unfilled',
    'no-default-class',
    /names no StorageClass and got no default one, and none of the 0 free volumes fits/,
  ],
  [
    'without class, and a default came later',
    [pending(), storageClass({ name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } })],
    'unfilled',
    'not-provisioned',
    /default one, fast/,
  ],
  [
    'for volumes made by hand',
    [pending({ storageClassName: '' }), offer({ storageClassName: 'x' })],
    'unfilled',
    'no-volume',
    /none of the 1 free volumes fits/,
  ],
  [
    'for volumes made by hand, and one is there',
    [pending({ storageClassName: '' }), offer()],
    'unfilled',
    'not-provisioned',
    /volume pv fits/,
  ],
  [
    'for a volume that is too small',
    [pending({ storageClassName: '' }), offer({ capacity: { storage: '1Gi' } })],
    'unfilled',
    'no-volume',
  ],
  [
    'for a volume that is taken',
    [pending({ storageClassName: '' }), offer({ claimRef: { name: 'x' } })],
    'unfilled',
    'no-volume',
  ],
  [
    'for labels that no volume has',
    [pending({ storageClassName: '', selector: { matchLabels: { a: 'b' } } }), offer()],
    'unfilled',
    'no-volume',
  ],
  [
    'for a volume that does not exist',
    [pending({ volumeName: 'pv' })],
    'unfilled',
    'volume-missing',
    /volume pv, which it names, does not exist/,
  ],
  [
    'for a volume of another claim',
    [pending({ volumeName: 'pv' }), offer({ claimRef: { namespace: 'shop', name: 'other', uid: 'u' } })],
    'unfilled',
    'volume-taken',
    /belongs to claim shop\/other/,
  ],
  [
    'for the volume of its predecessor',
    [pending({ volumeName: 'pv' }), offer({ claimRef: { namespace: 'shop', name: 'data', uid: 'u' } })],
    'unfilled',
    'volume-taken',
    /still belongs to a deleted claim shop\/data of the same name/,
  ],
  [
    'for a volume that is kept for it',
    [pending({ volumeName: 'pv' }), offer({ claimRef: { namespace: 'shop', name: 'data' } })],
    'unfilled',
    'not-provisioned',
  ],
  [
    'for a volume of another class',
    [pending({ volumeName: 'pv', storageClassName: 'fast' }), offer({ storageClassName: 'slow' })],
    'unfilled',
    'volume-unfit',
    /its class is "slow"/,
  ],
  [
    'for a volume of another mode',
    [pending({ volumeName: 'pv', volumeMode: 'Block' }), offer()],
    'unfilled',
    'volume-unfit',
    /its mode is Filesystem/,
  ],
  [
    'for a volume that cannot be shared',
    [pending({ volumeName: 'pv', accessModes: ['ReadWriteMany'] }), offer()],
    'unfilled',
    'volume-unfit',
    /does not offer ReadWriteMany/,
  ],
  [
    'for a named volume that is too small',
    [pending({ volumeName: 'pv' }), offer({ capacity: { storage: '1Gi' } })],
    'unfilled',
    'volume-unfit',
    /only 1Gi/,
  ],
  [
    'as a copy of a claim that does not exist',
    [pending({ storageClassName: 'fast', dataSource: { kind: 'PersistentVolumeClaim', name: 'gone' } }), CLASS],
    'unfilled',
    'data-source-missing',
    /PersistentVolumeClaim gone/,
  ],
  [
    'as a copy of a snapshot that does not exist',
    [pending({ storageClassName: 'fast', dataSourceRef: { kind: 'VolumeSnapshot', name: 'gone' } }), CLASS],
    'unfilled',
    'data-source-missing',
    /VolumeSnapshot gone/,
  ],
  [
    'as a copy of a snapshot',
    [
      pending({ storageClassName: 'fast', dataSource: { kind: 'VolumeSnapshot', name: 'there' } }),
      CLASS,
      volumeSnapshot({ name: 'there' }),
    ],
    'unfilled',
    'not-provisioned',
  ],
  [
    'from a provisioner that says no',
    [
      pending({ storageClassName: 'fast' }),
      CLASS,
      refusal(pending(), 'old', ago('9m')),
      refusal(pending(), 'disk quota is used up'),
    ],
    'unfilled',
    'provisioning-failed',
    /StorageClass fast cannot fill it: disk quota is used up/,
  ],
  [
    'from a provisioner that says nothing',
    [pending({ storageClassName: 'fast' }), CLASS],
    'unfilled',
    'not-provisioned',
    /csi.example.com of StorageClass fast/,
  ],
  [
    'waiting for its first pod',
    [pending({ storageClassName: 'wait' }), WAIT],
    'waiting-for-consumer',
    'waiting-for-consumer',
  ],
  [
    'waiting for a pod that is not placed',
    [pending({ storageClassName: 'wait' }), WAIT, USER],
    'waiting-for-consumer',
    'waiting-for-consumer',
  ],
  [
    'made for a pod that is being placed',
    [pending({ storageClassName: 'wait' }, selected), WAIT, USER],
    'unfilled',
    'not-provisioned',
  ],
  [
    'refused for a pod that is being placed',
    [pending({ storageClassName: 'wait' }), WAIT, USER, refusal(pending(), 'zone is full')],
    'unfilled',
    'provisioning-failed',
    /zone is full/,
  ],
  [
    'refused for a pod that is gone',
    [pending({ storageClassName: 'wait' }), WAIT, refusal(pending(), 'zone is full')],
    'waiting-for-consumer',
    'waiting-for-consumer',
  ],
  [
    'local, with a disk somewhere',
    [pending({ storageClassName: 'local' }), LOCAL, USER, offer({ storageClassName: 'local' })],
    'waiting-for-consumer',
    'waiting-for-consumer',
  ],
  [
    'local, without a disk',
    [pending({ storageClassName: 'local' }), LOCAL, USER],
    'unfilled',
    'no-volume',
    /StorageClass local makes no volumes, and none of the 0 free volumes fits/,
  ],
]

for (const [what, objects, state, obstacle, words] of CLAIMS) {
  test(`a claim ${what}: ${obstacle}`, () => {
    const snapshot = snapshotOf(objects)
    assert.equal(
      valueOf('claimObstacle', DATA, snapshot),
      obstacle,
      String(valueOf('claimExplanation', DATA, snapshot)),
    )
    assert.equal(valueOf('claimState', DATA, snapshot), state)
    if (words) assert.match(String(valueOf('claimExplanation', DATA, snapshot)), words)
  })
}

test('each obstacle and each state has a fixture', () => {
  assert.deepEqual(
    CLAIM_OBSTACLES.filter((name) => !CLAIMS.some(([, , , obstacle]) => obstacle === name)),
    [],
  )
  assert.deepEqual(
    CLAIM_STATES.filter((name) => !CLAIMS.some(([, , state]) => state === name)),
    [],
  )
})

test('a claim is unfilled since it was made, unless it waited for a pod first', () => {
  const since = (objects: Raw[]): unknown => {
    const reading = readingOf('claimState', DATA, snapshotOf(objects))
    return 'value' in reading ? reading.since : reading
  }
  assert.equal(since([pending({ storageClassName: 'fast' }), CLASS]), Date.parse(ago('1h')))
  assert.equal(since([pending({ storageClassName: 'wait' }, selected), WAIT, USER]), undefined)
})

test('what a claim refers to and was not looked at makes it unknown, and only then', () => {
  const blind = Object.fromEntries(
    ['storageclasses.storage.k8s.io', 'persistentvolumes', 'pods'].map((kind) => [
      kind,
      { unknown: 'forbidden', detail: kind } as const,
    ]),
  )
  const state = (object: Raw, ...more: Raw[]): unknown =>
    valueOf('claimState', DATA, snapshotOf([object, ...more], { blind }))
  assert.deepEqual(state(pending({ storageClassName: 'fast' })), { unknown: 'forbidden' })
  assert.deepEqual(state(pending({ volumeName: 'pv' })), { unknown: 'forbidden' })
  assert.equal(state(pending({}, { status: { phase: 'Bound' } })), 'bound')
  const pods = { pods: { unknown: 'forbidden', detail: 'pods' } } as const
  assert.deepEqual(
    valueOf('claimState', DATA, snapshotOf([pending({ storageClassName: 'wait' }), WAIT], { blind: pods })),
    { unknown: 'forbidden' },
  )
})

test('a look at one namespace holds what its claims refer to', () => {
  const snapshot = snapshotOf([pending({ storageClassName: '' })], { namespaces: ['shop'] })
  assert.match(String(valueOf('claimExplanation', DATA, snapshot)), /and no volume fits$/)
  assert.equal(
    valueOf('claimObstacle', DATA, snapshotOf([pending({ storageClassName: 'gone' })], { namespaces: ['shop'] })),
    'class-missing',
  )
})

const RECORDED: [recording: string, claim: string, state: State, obstacle: Obstacle][] = [
  ['pending-pvc', 'photos', 'unfilled', 'no-volume'],
  ['pending-pvc', 'videos', 'unfilled', 'class-missing'],
  ['pvc-wait', 'later', 'waiting-for-consumer', 'waiting-for-consumer'],
  ['pvc-running', 'media', 'bound', 'none'],
]

for (const [name, of, state, obstacle] of RECORDED) {
  test(`in the recording ${name} the claim ${of} is ${state}`, () => {
    assert.equal(valueOf('claimState', { kind: 'claim', name: of }, recording(name)), state)
    assert.equal(valueOf('claimObstacle', { kind: 'claim', name: of }, recording(name)), obstacle)
  })
}
