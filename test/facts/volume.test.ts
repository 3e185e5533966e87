import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, snapshotOf, volume } from '../support/build.ts'
import { readingOf, valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const PV = { kind: 'volume', name: 'pv' } as const

const STATES: [phase: string, policy: string | undefined, state: string][] = [
  ['Available', 'Retain', 'serving'],
  ['Bound', 'Delete', 'serving'],
  ['Pending', 'Delete', 'serving'],
  ['Released', 'Retain', 'kept'],
  ['Released', undefined, 'kept'],
  ['Released', 'Delete', 'delete-stuck'],
  ['Released', 'Recycle', 'delete-stuck'],
  ['Failed', 'Delete', 'failed'],
  ['Failed', 'Retain', 'failed'],
]

for (const [phase, policy, state] of STATES) {
  test(`a volume that is ${phase} with the policy ${policy ?? 'left out'} is ${state}`, () => {
    const one = volume({
      name: 'pv',
      spec: policy === undefined ? {} : { persistentVolumeReclaimPolicy: policy },
      status: { phase, lastPhaseTransitionTime: ago('2h') },
    })
    assert.deepEqual(readingOf('volumeState', PV, snapshotOf([one])), { value: state, since: Date.parse(ago('2h')) })
  })
}

test('a volume that somebody has deleted is going, whatever its phase', () =>
  assert.equal(
    valueOf('volumeState', PV, snapshotOf([volume({ name: 'pv', deleted: ago('1h'), status: { phase: 'Released' } })])),
    'going',
  ))

test('a server that does not record phases leaves the time open', () =>
  assert.deepEqual(readingOf('volumeState', PV, snapshotOf([volume({ name: 'pv', status: { phase: 'Released' } })])), {
    value: 'kept',
  }))

test('what a volume holds and whose it was', () => {
  const snapshot = snapshotOf([
    volume({
      name: 'pv',
      spec: {
        capacity: { storage: '1Gi' },
        storageClassName: 'fast',
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { namespace: 'shop', name: 'data' },
      },
      status: { phase: 'Failed', message: 'disk\nis attached' },
    }),
  ])
  const seen = ['SizeBytes', 'Class', 'ReclaimPolicy', 'Claim', 'Message'].map((name) =>
    valueOf(`volume${name}`, PV, snapshot),
  )
  assert.deepEqual(seen, [2 ** 30, 'fast', 'Delete', 'shop/data', 'disk is attached'])
  const bare = snapshotOf([volume({ name: 'pv' })])
  const nothing = ['SizeBytes', 'Class', 'ReclaimPolicy', 'Claim', 'Message'].map((name) =>
    valueOf(`volume${name}`, PV, bare),
  )
  assert.deepEqual(nothing, [{ unknown: 'not-recorded' }, null, 'Retain', null, null])
})

test('the recorded volume is kept for a claim that is gone', () => {
  const snapshot = recording('pv-released')
  const name = snapshot.all('persistentvolumes')[0]?.metadata.name ?? ''
  assert.equal(valueOf('volumeState', { kind: 'volume', name }, snapshot), 'kept')
  assert.equal(valueOf('volumeClaim', { kind: 'volume', name }, snapshot), 'faults-pv-released/ledger-2025')
})
