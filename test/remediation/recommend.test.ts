import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDump } from '../../src/cluster/dump.ts'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import type { Snapshot } from '../../src/cluster/snapshot.ts'
import { LEVELS, TIERS } from '../../src/policy/levels.ts'
import { ONE_LOOK } from '../../src/policy/standing.ts'
import type { Grounds } from '../../src/remediation/action.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { recommend, refusals, type Circumstances, type Recommendation } from '../../src/remediation/recommend.ts'
import { NOW, snapshotOf } from '../support/build.ts'
import { policyOf } from '../support/proposals.ts'
import { RECORDINGS, recordedJson, storeOf } from '../support/recordings.ts'
import { SITUATIONS, rollout, worker } from '../support/situations.ts'

const EVERY_ACTION = ACTIONS.map(({ name }) => name)
const INSTALLED = EVERY_ACTION.map((action) => ({ action, namespaces: ['*'] }))

const at = (snapshot: Snapshot, rest: Partial<Circumstances> = {}): Circumstances => ({
  snapshot,
  actions: ACTIONS,
  policy: policyOf(),
  capabilities: [],
  standing: ONE_LOOK,
  now: NOW,
  ...rest,
})

const situation = (name: string, recommended: readonly string[] = [name]) => {
  const found = SITUATIONS[name]
  assert.ok(found)
  return { snapshot: snapshotOf(found.objects), finding: { ...found.finding, recommend: recommended } }
}

test('a recommendation is what section 5 of the design shows', () => {
  const { snapshot, finding } = situation('quarantine-workload')
  const [first, ...rest] = recommend(finding, at(snapshot, { capabilities: INSTALLED }))
  assert.ok(first)
  assert.deepEqual(rest, [])
  assert.match(first.id, /^rec-[0-9a-z]{8}$/)
  assert.deepEqual(
    { action: first.action, tier: first.tier, reversible: first.reversible, parameters: first.parameters },
    { action: 'quarantine-workload', tier: 'outage', reversible: true, parameters: {} },
  )
  assert.equal(first.effect, 'scales Deployment shop/cart from 3 to 0 replicas')
  assert.deepEqual([first.decision.verdict, first.decision.reason], ['ask', 'level-below-tier'])
  assert.deepEqual(
    first.decision.gates.find(({ gate }) => gate === 'level'),
    { gate: 'level', answer: 'ask', detail: 'L1 < outage' },
  )
  assert.deepEqual(JSON.parse(JSON.stringify(first)), first)
})

test('by default nothing is possible: each recommendation is held for want of a capability', () => {
  for (const name of EVERY_ACTION.filter((one) => one !== 'scale-workload')) {
    const { snapshot, finding } = situation(name)
    const [first] = recommend(finding, at(snapshot))
    assert.ok(first, name)
    assert.deepEqual([first.decision.verdict, first.decision.reason], ['hold', 'capability-not-installed'])
  }
})

for (const tier of TIERS) {
  test(`${tier}: act, ask and hold as the table has it, for each action that is installed`, () => {
    const table = {
      mark: 'hold ask act act act',
      heal: 'hold ask act act act',
      change: 'hold ask ask act act',
      outage: 'hold ask ask ask act',
      destroy: 'hold ask ask ask ask',
    }
    for (const { name } of ACTIONS.filter((action) => action.tier === tier && action.name !== 'scale-workload')) {
      const { snapshot, finding } = situation(name)
      const verdicts = LEVELS.map((level) => {
        const policy = policyOf({ level })
        return recommend(finding, at(snapshot, { policy, capabilities: INSTALLED }))[0]?.decision.verdict
      })
      assert.equal(verdicts.join(' '), table[tier], name)
    }
  })
}

test('recommendations keep the order of the rule; what is not for the finding is told apart', () => {
  const { snapshot, finding } = situation('rollback-workload', [
    'delete-job',
    'rollback-workload',
    'no-such',
    'quarantine-workload',
    'scale-workload',
  ])
  const names = recommend(finding, at(snapshot)).map(({ action }) => action)
  assert.deepEqual(names, ['rollback-workload', 'quarantine-workload'])
  assert.deepEqual(
    refusals(finding, at(snapshot)).map(({ action, refused }) => [action, refused]),
    [
      ['delete-job', 'wrong-kind'],
      ['no-such', 'wrong-kind'],
      ['scale-workload', 'no-proposal'],
    ],
  )
})

test('nothing named, nothing recommended', () => {
  const { snapshot, finding } = situation('quarantine-workload', [])
  assert.deepEqual(recommend(finding, at(snapshot, { capabilities: INSTALLED })), [])
})

test('of several objects the first that it is for, whatever is said of the others', () => {
  const { top, all, broken } = rollout()
  const { broken: other } = rollout({ pod: { name: 'cart-2-xyz', uid: 'uid-pod-2' } })
  const serving = rollout({
    pod: {
      uid: 'uid-ok',
      name: 'cart-2-ok',
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
  }).broken
  const sample = [serving, other, broken].map(({ kind, metadata }) => ({
    kind,
    namespace: 'shop',
    name: String(metadata['name']),
    uid: String(metadata['uid']),
    resourceVersion: undefined,
  }))
  const { finding } = situation('evict-pod')
  const snapshot = snapshotOf([...all, other, serving])
  const about = { ...finding, subjects: { count: 3, sample } }
  assert.deepEqual(
    recommend(about, at(snapshot)).map(({ object }) => object.name),
    ['cart-2-xyz'],
  )
  assert.equal(finding.target.uid, top.metadata['uid'])
})

test('the id moves with the plan', () => {
  const { snapshot, finding } = situation('cordon-node')
  const other = snapshotOf([worker('a', { uid: 'node-z' }), worker('b')])
  const [first] = recommend(finding, at(snapshot))
  const [second] = recommend({ ...finding, target: { ...finding.target, uid: 'node-z' } }, at(other))
  assert.ok(first && second)
  assert.notEqual(first.planHash, second.planHash)
  assert.notEqual(first.id, second.id)
})

const KINDS = [
  'pods',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'replicasets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'persistentvolumeclaims',
  'horizontalpodautoscalers.autoscaling',
  'nodes',
] as const

/** A finding about an object for which every action there is was recommended. */
function everything({ kind, apiVersion, metadata }: AnyObject, container?: string): Grounds {
  const { namespace, name, uid } = metadata
  return {
    id: 'every-rule-0a1b2c3d',
    rule: { id: 'every-rule', version: 'sha256:0' },
    target: { apiVersion, kind, namespace, name, uid },
    ownerComplete: true,
    container,
    managedBy: null,
    subjects: { count: 1, sample: [{ kind, namespace, name, uid, resourceVersion: undefined }] },
    recommend: EVERY_ACTION,
  }
}

function allOf(snapshot: Snapshot): Recommendation[] {
  return KINDS.flatMap((kind) => snapshot.all(kind)).flatMap((object) => {
    const spec = 'spec' in object && object.spec && 'template' in object.spec ? object.spec.template?.spec : undefined
    const finding = everything(object, spec?.containers?.[0]?.name)
    return recommend(finding, at(snapshot, { capabilities: INSTALLED, policy: policyOf({ level: 'L4' }) }))
  })
}

const read = (json: unknown): Snapshot => storeOf(readDump([{ name: 'recording', json }], { complete: false }))

function reversed(json: unknown): unknown {
  assert.ok(typeof json === 'object' && json !== null && 'items' in json && Array.isArray(json.items))
  return { ...json, items: json.items.toReversed() }
}

const POINTERS = new Map(ACTIONS.map(({ name, writes }) => [name, writes.flatMap(({ pointers }) => pointers)]))

for (const name of RECORDINGS) {
  test(`${name}: whatever is recommended is the same in any order of objects, and writes only what is declared`, () => {
    const json = recordedJson(name)
    const found = allOf(read(json))
    assert.deepEqual(allOf(read(reversed(json))), found)
    for (const { action, patch, effect } of found) {
      assert.ok(POINTERS.has(action))
      assert.ok(patch === null || patch.path.startsWith('/api'))
      assert.doesNotMatch(effect, /undefined|\[object|\n/)
    }
    assert.doesNotMatch(JSON.stringify(found), /hunter2|mailer-user-value|AKIA|eyJ/)
  })
}

const effectsIn = (name: string, action: string): string[] =>
  allOf(read(recordedJson(name)))
    .filter((one) => one.action === action)
    .map(({ effect }) => effect)

test('real faults: what could be done about them', () => {
  assert.deepEqual(effectsIn('rollout-stuck', 'rollback-workload').length, 1)
  assert.match(effectsIn('rollout-stuck', 'rollback-workload').join(), /back from revision 2 to revision 1 \(.*broken/)
  assert.match(effectsIn('oom', 'set-resources').join(), /memory limit 32Mi → 132Mi/)
  assert.deepEqual(effectsIn('crash-exit', 'rollback-workload'), [])
  assert.deepEqual(effectsIn('healthy', 'evict-pod'), [])
  assert.deepEqual(effectsIn('cordon', 'uncordon-node'), [])
  for (const kept of ['pvc-running', 'pvc-cron', 'pvc-wait', 'pvc-ephemeral', 'pending-pvc', 'sts-scaled'])
    assert.deepEqual(effectsIn(kept, 'delete-claim'), [])
  assert.equal(effectsIn('pvc-orphan', 'delete-claim').length, 1)
  assert.equal(effectsIn('job-failed', 'delete-job').length, 2)
})
