import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { KINDS } from '../../src/cluster/kinds.ts'
import { TIERS } from '../../src/policy/levels.ts'
import { isRefusal, type Action, type Write } from '../../src/remediation/action.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { plan, type Plan } from '../../src/remediation/plan.ts'
import { NOW, snapshotOf } from '../support/build.ts'
import { PARAMETERS, SITUATIONS, type Situation } from '../support/situations.ts'

const FILES = readdirSync(join(import.meta.dirname, '../../src/remediation/actions'))

/** What an action would do in its situation. */
function planned(action: Action, situation: Situation | undefined): Plan {
  assert.ok(situation, `${action.name} has a situation`)
  const snapshot = snapshotOf(situation.objects)
  const uids = [situation.finding.target.uid, ...situation.finding.subjects.sample.map(({ uid }) => uid)]
  const context = { snapshot, finding: situation.finding, now: NOW }
  const outcomes = uids.flatMap((uid) => {
    const object = snapshot.byUid(uid)
    return object ? [plan(action, object, context, PARAMETERS[action.name])] : []
  })
  const found = outcomes.find((outcome) => !isRefusal(outcome))
  assert.ok(found && !isRefusal(found), `${action.name}: ${JSON.stringify(outcomes)}`)
  return found
}

test('every file of actions/ is in the list, once, under its own name, by tier', () => {
  const names = ACTIONS.map(({ name }) => name)
  assert.deepEqual(
    names.toSorted(),
    FILES.filter((file) => file !== 'index.ts')
      .map((file) => file.replace('.ts', ''))
      .toSorted(),
  )
  const tiers = ACTIONS.map(({ tier }) => TIERS.indexOf(tier))
  assert.deepEqual(
    tiers,
    tiers.toSorted((a, b) => a - b),
  )
  assert.deepEqual(Object.keys(SITUATIONS).toSorted(), names.toSorted())
})

const TIER_OF: Record<string, string> = {
  'annotate-object': 'mark',
  'evict-pod': 'heal',
  'delete-pod': 'heal',
  'uncordon-node': 'heal',
  'restart-workload': 'change',
  'rollback-workload': 'change',
  'set-resources': 'change',
  'scale-workload': 'change',
  'pause-rollout': 'change',
  'cordon-node': 'change',
  'quarantine-workload': 'outage',
  'delete-job': 'destroy',
  'delete-finished-pod': 'destroy',
  'delete-autoscaler': 'destroy',
  'delete-claim': 'destroy',
}

const covers = (declared: string, pointer: string): boolean => {
  const [parts, of] = [declared.split('/'), pointer.split('/')]
  return parts.length === of.length && parts.every((part, i) => part === '*' || part === of[i])
}
const VERBS = { PATCH: 'patch', POST: 'create', DELETE: 'delete' } as const

function isDeclared({ patch, changes, object }: Plan, { verb, resource, pointers }: Write): boolean {
  const kind = KINDS.find((one) => one.apiVersion === object.apiVersion && one.kind === object.kind)
  const [name, subresource] = resource.split('/')
  const sends = patch === null ? 'patch' : VERBS[patch.method]
  const isThere =
    patch === null || patch.path.endsWith(`/${object.name}${subresource === undefined ? '' : `/${subresource}`}`)
  return (
    name === kind?.resource &&
    sends === verb &&
    isThere &&
    changes.every(({ pointer }) => pointers.some((declared) => covers(declared, pointer)))
  )
}

for (const action of ACTIONS) {
  test(`${action.name}: what it plans is among the writes it declares`, () => {
    const found = planned(action, SITUATIONS[action.name])
    assert.ok(found.changes.length > 0)
    assert.ok(
      action.writes.some((write) => isDeclared(found, write)),
      JSON.stringify(found),
    )
    assert.equal(action.tier, TIER_OF[action.name])
    assert.equal(action.inverse === null, action.tier === 'destroy')
    for (const { resource, pointers } of action.writes) {
      assert.ok(action.resources.some((one) => one === resource.split('/')[0]))
      assert.ok(pointers.length > 0)
    }
  })

  test(`${action.name}: a patch holds the uid, so that nothing made anew under the name is hit`, () => {
    const { patch, object } = planned(action, SITUATIONS[action.name])
    assert.ok(
      patch === null
        ? action.name === 'rollback-workload'
        : JSON.stringify(patch.body).includes(`"uid":"${object.uid}"`),
    )
  })

  test(`${action.name}: its parameters are read back by its own schema, and no others`, () => {
    const { parameters } = planned(action, SITUATIONS[action.name])
    assert.deepEqual(action.parameters.parse(parameters), parameters)
    assert.equal(action.parameters.safeParse({ ...parameters, command: 'rm' }).success, false)
    assert.equal(action.parameters.safeParse('x').success, false)
  })

  test(`${action.name}: the effect names the object, in one line`, () => {
    const { effect, object } = planned(action, SITUATIONS[action.name])
    assert.ok(effect.includes(object.name))
    assert.doesNotMatch(effect, /\n|undefined|\[object/)
  })
}
