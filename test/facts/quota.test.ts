import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quota, snapshotOf } from '../support/build.ts'
import { valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const OF = { kind: 'quota', name: 'compact' } as const
type Amounts = Record<string, string>

const QUOTAS: [what: string, hard: Amounts, used: Amounts, percent: number | null, usedUp: string[], use: string[]][] =
  [
    ['used up', { pods: '3' }, { pods: '3' }, 100, ['pods'], ['pods 3 of 3']],
    ['with room', { pods: '4' }, { pods: '3' }, 75, [], ['pods 3 of 4']],
    ['lowered below its use', { pods: '2' }, { pods: '3' }, 150, ['pods'], ['pods 3 of 2']],
    [
      'in different units',
      { 'limits.memory': '1Gi' },
      { 'limits.memory': '1024Mi' },
      100,
      ['limits.memory'],
      ['limits.memory 1024Mi of 1Gi'],
    ],
    [
      'the most used first',
      { pods: '4', cpu: '2' },
      { pods: '1', cpu: '1500m' },
      75,
      [],
      ['cpu 1500m of 2', 'pods 1 of 4'],
    ],
    ['that forbids a kind', { 'services.loadbalancers': '0' }, { 'services.loadbalancers': '0' }, null, [], []],
    ['not counted for one resource', { pods: '4', cpu: 'x' }, { cpu: '1' }, null, [], []],
  ]

for (const [what, hard, used, percent, usedUp, use] of QUOTAS) {
  test(`a quota ${what}`, () => {
    const snapshot = snapshotOf([quota({ name: 'compact', spec: { hard }, status: { hard, used } })])
    assert.equal(valueOf('quotaHighestUsePercent', OF, snapshot), percent)
    assert.deepEqual(valueOf('quotaUsedUp', OF, snapshot), usedUp)
    assert.deepEqual(valueOf('quotaUse', OF, snapshot), use)
  })
}

test('a quota that was not counted yet is unknown', () =>
  assert.deepEqual(
    valueOf('quotaUsedUp', OF, snapshotOf([quota({ name: 'compact', spec: { hard: { pods: '1' } } })])),
    {
      unknown: 'not-recorded',
    },
  ))

test('the recorded quota is used up', () => {
  const snapshot = recording('quota')
  const name = snapshot.all('resourcequotas')[0]?.metadata.name ?? ''
  assert.deepEqual(valueOf('quotaUsedUp', { kind: 'quota', name }, snapshot), ['pods'])
})
