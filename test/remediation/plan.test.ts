import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isRefusal } from '../../src/remediation/action.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { plan, type Plan } from '../../src/remediation/plan.ts'
import { NOW, deployment, snapshotOf, type Raw } from '../support/build.ts'
import { grounds } from '../support/proposals.ts'
import { planOf as planned, refusalOf } from '../support/plans.ts'
import { PARAMETERS, SITUATIONS, rollout } from '../support/situations.ts'

const named = (name: string) => {
  const found = ACTIONS.find((action) => action.name === name)
  assert.ok(found)
  return found
}

function planOf(name: string, objects: readonly Raw[], on: Raw, finding: Parameters<typeof grounds>[1] = {}): Plan {
  const parameters = PARAMETERS[name]
  return planned({ action: name, on, others: objects, finding, ...(parameters && { parameters }) })
}

const refusedAs = (action: string, others: readonly Raw[], on: Raw): string => refusalOf({ action, on, others })

test('a plan is bound to action, object, parameters and each value before and after', () => {
  const { top, all } = rollout()
  const found = planOf('quarantine-workload', all, top)
  assert.match(found.planHash, /^sha256:[0-9a-f]{64}$/)
  assert.deepEqual(found.object, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'shop',
    name: 'cart',
    uid: 'uid-cart',
  })
  assert.deepEqual(found.changes, [
    { pointer: '/metadata/annotations/dogwatch.io~1quarantine', from: null, to: 'some-rule-0a1b2c3d' },
    { pointer: '/metadata/annotations/dogwatch.io~1replicas', from: null, to: '3' },
    { pointer: '/spec/replicas', from: 3, to: 0 },
  ])
})

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, shuffled(inner)]),
  )
}
const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && 'kind' in value

for (const { name } of ACTIONS) {
  const situation = SITUATIONS[name]
  assert.ok(situation)
  const planIn = (objects: readonly Raw[]): string[] => {
    const snapshot = snapshotOf(objects)
    const uids = new Set([situation.finding.target.uid, ...situation.finding.subjects.sample.map(({ uid }) => uid)])
    const context = { snapshot, finding: situation.finding, now: NOW }
    return [...uids].flatMap((uid) => {
      const object = snapshot.byUid(uid)
      const outcome = object && plan(named(name), object, context, PARAMETERS[name])
      return outcome && !isRefusal(outcome) ? [outcome.planHash] : []
    })
  }
  const hashes = planIn(situation.objects)

  test(`${name}: the hash does not move with resourceVersion, managers, time or the order of keys and objects`, () => {
    assert.equal(hashes.length, 1)
    const noise = fc.record({
      resourceVersion: fc.string({ minLength: 1 }),
      creationTimestamp: fc.constant('2026-11-20T00:00:00Z'),
      managedFields: fc.constant([{ manager: 'kubectl', operation: 'Update' }]),
    })
    fc.assert(
      fc.property(noise, fc.boolean(), (metadata, reverse) => {
        const objects = situation.objects.map((object) => ({
          ...object,
          metadata: { ...object.metadata, ...metadata },
        }))
        const turned = objects.map(shuffled).filter(isObject)
        assert.deepEqual(planIn(reverse ? turned.toReversed() : turned), hashes)
      }),
      { numRuns: 20 },
    )
  })
}

test('the hash does not move with the status of a crash-looping target', () => {
  const before = rollout()
  const after = rollout({
    deployment: {
      status: { observedGeneration: 4, replicas: 4, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 },
    },
    pod: {
      status: {
        phase: 'Running',
        containerStatuses: [
          { name: 'app', restartCount: 99, lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } },
        ],
      },
    },
  })
  const of = { container: 'app' }
  for (const name of ['quarantine-workload', 'restart-workload', 'rollback-workload', 'set-resources', 'pause-rollout'])
    assert.equal(
      planOf(name, before.all, before.top, { ...of, of: [before.broken] }).planHash,
      planOf(name, after.all, after.top, { ...of, of: [after.broken] }).planHash,
    )
})

const MOVES: [name: string, what: string, change: Parameters<typeof rollout>[0]][] = [
  ['quarantine-workload', 'replicas', { deployment: { spec: { replicas: 4 } } }],
  ['quarantine-workload', 'uid', { deployment: { uid: 'uid-other' } }],
  ['scale-workload', 'replicas', { deployment: { spec: { replicas: 4 } } }],
  ['pause-rollout', 'the name', { deployment: { name: 'basket' } }],
  ['rollback-workload', 'the revision that is gone back to', { old: { uid: 'uid-cart-9' } }],
  ['rollback-workload', 'its template', { old: { labels: { 'pod-template-hash': 'hash-9' } } }],
  ['rollback-workload', 'the present template', { new: { labels: { 'pod-template-hash': 'hash-9' } } }],
  [
    'restart-workload',
    'the mark of the last restart',
    { deployment: { spec: { replicas: 3, template: { metadata: { annotations: { 'dogwatch.io/restart': 'x' } } } } } },
  ],
  [
    'set-resources',
    'the present limit',
    {
      deployment: {
        spec: {
          replicas: 3,
          template: { spec: { containers: [{ name: 'app', resources: { limits: { memory: '63Mi' } } }] } },
        },
      },
    },
  ],
]

for (const [name, what, change] of MOVES) {
  test(`${name}: the hash moves with ${what}`, () => {
    const [before, after] = [rollout(), rollout(change)]
    const hash = ({ all, top, broken }: typeof before) =>
      planOf(name, all, top, { of: [broken], container: 'app' }).planHash
    assert.notEqual(hash(before), hash(after))
  })
}

test('the hash moves with the parameters', () => {
  const { all, top } = rollout()
  const snapshot = snapshotOf(all)
  const object = snapshot.byUid(String(top.metadata['uid']))
  assert.ok(object)
  const context = { snapshot, finding: grounds(top), now: NOW }
  const hashes = [4, 5, 6].map((replicas) => {
    const found = plan(named('scale-workload'), object, context, { replicas })
    return isRefusal(found) ? found.refused : found.planHash
  })
  assert.equal(new Set(hashes).size, 3)
})

test('what cannot be acted on at all is refused, with a word', () => {
  const { all, top, old } = rollout()
  assert.equal(refusedAs('quarantine-workload', [...all], old), 'has-controller')
  assert.equal(refusedAs('evict-pod', all, top), 'wrong-kind')
  const nameless = deployment({ name: 'cart' })
  assert.equal(refusedAs('restart-workload', [nameless], nameless), 'no-identity')
  const leaving = deployment({ name: 'cart', uid: 'u', deleted: '2026-11-21T11:00:00Z' })
  assert.equal(refusedAs('restart-workload', [leaving], leaving), 'terminating')
  const snapshot = snapshotOf(all)
  const stale = snapshotOf(all).byUid('uid-cart')
  assert.ok(stale)
  const outcome = plan(named('restart-workload'), stale, { snapshot, finding: grounds(top), now: NOW })
  assert.ok(isRefusal(outcome))
  assert.equal(outcome.refused, 'not-held')
})

test('a name that would leave its place in a path is refused', () => {
  for (const name of ['..', 'a/../../secrets/b', 'a%2fb', 'a?b', 'a#b', 'Cart', '-a', 'a b', 'a\nb']) {
    const odd = deployment({ name, uid: 'u' })
    assert.equal(refusedAs('restart-workload', [odd], odd), 'no-identity')
    const place = deployment({ name: 'cart', namespace: name, uid: 'u' })
    assert.equal(refusedAs('restart-workload', [place], place), 'no-identity')
  }
})

test('parameters outside of the schema are refused', () => {
  const { all, top } = rollout()
  const snapshot = snapshotOf(all)
  const object = snapshot.byUid('uid-cart')
  assert.ok(object)
  for (const parameters of [
    {},
    { replicas: 0 },
    { replicas: 1.5 },
    { replicas: '5' },
    { replicas: 5, x: 1 },
    null,
    7,
  ]) {
    const outcome = plan(named('scale-workload'), object, { snapshot, finding: grounds(top), now: NOW }, parameters)
    assert.ok(isRefusal(outcome) && outcome.refused === 'out-of-bounds', JSON.stringify(parameters))
  }
})
