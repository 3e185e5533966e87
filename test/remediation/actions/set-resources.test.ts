import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deployment, limitRange, pod, quota, replicaSet, type Raw } from '../../support/build.ts'
import { outcomeOf, planOf, refusalOf, type PlanAsked } from '../../support/plans.ts'
import { worker } from '../../support/situations.ts'

type Quantities = Record<string, string>
interface Of {
  readonly limits?: Quantities
  readonly requests?: Quantities
  /** What the pod that was killed had, when it differs from the template. */
  readonly pod?: { readonly limits?: Quantities; readonly requests?: Quantities }
  readonly reason?: string
  readonly list?: 'containers' | 'initContainers'
  readonly spec?: object
  readonly replicas?: number
}

function workload({ limits, requests, pod: own, reason = 'OOMKilled', list = 'containers', spec, replicas = 1 }: Of) {
  const container = { name: 'app', resources: { limits, requests } }
  const top = deployment({
    name: 'cart',
    uid: 'd',
    spec: { replicas, template: { spec: { [list]: [container], ...spec } } },
  })
  const set = replicaSet({ name: 'cart-1', uid: 'r', owner: top })
  const status = { name: 'app', lastState: { terminated: { reason, exitCode: 137 } } }
  const killed = pod({
    name: 'cart-1-x',
    uid: 'p',
    owner: set,
    spec: { [list]: [{ name: 'app', resources: own ?? { limits, requests } }] },
    status: { [list === 'containers' ? 'containerStatuses' : 'initContainerStatuses']: [status] },
  })
  return { top, others: [set, killed, worker('a')] }
}

const asked = (of: Of, more: readonly Raw[] = [], rest: Partial<PlanAsked> = {}): PlanAsked => {
  const { top, others } = workload(of)
  const finding = { container: 'app' }
  return { action: 'set-resources', on: top, others: [...others, ...more], finding, ...rest }
}
const limitOf = (of: Of): unknown => planOf(asked(of)).parameters['limits']
const mi = (n: number): Quantities => ({ memory: `${n}Mi` })

test('a container killed at its limit gets half as much again, and at least 100 MiB more, in whole MiB', () => {
  for (const [limit, next] of [
    ['32Mi', '132Mi'],
    ['200Mi', '300Mi'],
    ['512Mi', '768Mi'],
    ['1Gi', '1536Mi'],
    ['300M', '430Mi'],
    ['33554433', '133Mi'],
  ] as const)
    assert.deepEqual(limitOf({ limits: { memory: limit } }), { memory: next })
})

test('only the limit is written, to its own container', () => {
  const { patch, changes, effect } = planOf(asked({ limits: mi(64), requests: mi(32) }))
  assert.equal(patch?.contentType, 'application/strategic-merge-patch+json')
  assert.deepEqual(patch.body, {
    metadata: { uid: 'd' },
    spec: { template: { spec: { containers: [{ name: 'app', resources: { limits: mi(164) } }] } } },
  })
  assert.deepEqual(changes, [
    { pointer: '/spec/template/spec/containers/0/resources/limits/memory', from: '64Mi', to: '164Mi' },
  ])
  assert.equal(
    effect,
    'sets memory limit 64Mi → 164Mi of app in Deployment shop/cart; its pods are replaced one after another',
  )
})

test('a request that equals the limit goes with it', () => {
  const { changes } = planOf(asked({ limits: mi(64), requests: { memory: '65536Ki' } }))
  assert.deepEqual(
    changes.map(({ pointer, to }) => [pointer.split('/').at(-2), to]),
    [
      ['limits', '164Mi'],
      ['requests', '164Mi'],
    ],
  )
})

test('an init container is found where it is', () => {
  const { changes } = planOf(asked({ limits: mi(64), list: 'initContainers' }))
  assert.equal(changes[0]?.pointer, '/spec/template/spec/initContainers/0/resources/limits/memory')
})

test('a limit that only the pod has (a LimitRange gave it) is what was hit', () => {
  const { changes } = planOf(asked({ pod: { limits: mi(64) } }))
  assert.deepEqual(changes, [
    { pointer: '/spec/template/spec/containers/0/resources/limits/memory', from: null, to: '164Mi' },
  ])
})

test('nothing is proposed that one look does not prove', () => {
  assert.equal(refusalOf(asked({ limits: mi(64), reason: 'Error' })), 'no-proposal')
  assert.equal(refusalOf(asked({ limits: mi(64) }, [], { finding: {} })), 'no-proposal')
  assert.equal(refusalOf(asked({ limits: mi(64) }, [], { finding: { container: 'other' } })), 'no-proposal')
  assert.equal(refusalOf(asked({})), 'no-limit')
  assert.equal(refusalOf(asked({ limits: mi(128), pod: { limits: mi(64) } })), 'already-done')
  assert.equal(refusalOf(asked({ limits: mi(64), spec: { resources: { limits: mi(64) } } })), 'out-of-bounds')
  assert.equal(refusalOf(asked({ limits: mi(64), replicas: 0 })), 'at-zero')
})

const range = (limit: object) => limitRange({ spec: { limits: [limit] } })

test('a LimitRange bounds it', () => {
  const by = (limit: object) => refusalOf(asked({ limits: mi(64), requests: mi(16) }, [range(limit)]))
  assert.equal(by({ type: 'Container', max: mi(164) }), 'planned')
  assert.equal(by({ type: 'Container', max: mi(163) }), 'out-of-bounds')
  assert.equal(by({ type: 'Pod', max: mi(163) }), 'out-of-bounds')
  assert.equal(by({ type: 'Container', min: mi(17) }), 'out-of-bounds')
  assert.equal(by({ type: 'Container', maxLimitRequestRatio: { memory: '10' } }), 'out-of-bounds')
  assert.equal(by({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }), 'planned')
  const elsewhere = limitRange({ namespace: 'web', spec: { limits: [{ type: 'Container', max: mi(1) }] } })
  assert.equal(refusalOf(asked({ limits: mi(64) }, [elsewhere])), 'planned')
})

test('a quota bounds it, with one new pod beside the old ones', () => {
  const by = (hard: Quantities, used: Quantities) =>
    refusalOf(asked({ limits: mi(64), requests: mi(16), replicas: 2 }, [quota({ status: { hard, used } })]))
  assert.equal(by({ 'limits.memory': '492Mi' }, { 'limits.memory': '128Mi' }), 'planned')
  assert.equal(by({ 'limits.memory': '491Mi' }, { 'limits.memory': '128Mi' }), 'out-of-bounds')
  assert.equal(by({ 'limits.memory': '10Gi' }, {}), 'out-of-bounds')
  assert.equal(by({ 'requests.memory': '1Mi' }, { 'requests.memory': '1Mi' }), 'planned')
})

test('a request that grows must fit a node, and nodes must have been looked at', () => {
  const guaranteed = { limits: mi(64), requests: mi(64) }
  const small = worker('a', { status: { allocatable: mi(100) } })
  const { top, others } = workload(guaranteed)
  const on = (nodes: readonly Raw[], looked = {}) =>
    refusalOf({
      ...asked(guaranteed),
      on: top,
      others: [...others.filter(({ kind }) => kind !== 'Node'), ...nodes],
      looked,
    })
  assert.equal(on([worker('b')]), 'planned')
  assert.equal(on([small]), 'out-of-bounds')
  assert.equal(on([small], { blind: { nodes: { unknown: 'forbidden', detail: 'nodes: forbidden' } } }), 'not-seen')
})

test('what cannot be read refuses', () => {
  for (const kind of ['limitranges', 'resourcequotas']) {
    const looked = { blind: { [kind]: { unknown: 'forbidden', detail: `${kind}: forbidden` } as const } }
    assert.equal(refusalOf(asked({ limits: mi(64) }, [], { looked })), 'not-seen')
  }
})

test('a person may set other values, within the same bounds', () => {
  const set = (parameters: object) => refusalOf(asked({ limits: mi(64), requests: mi(32) }, [], { parameters }))
  assert.equal(set({ container: 'app', requests: { cpu: '250m' } }), 'planned')
  assert.equal(set({ container: 'app', requests: mi(65) }), 'out-of-bounds')
  assert.equal(set({ container: 'app', limits: mi(16) }), 'out-of-bounds')
  assert.equal(set({ container: 'app', limits: mi(64) }), 'already-done')
  assert.equal(set({ container: 'other', limits: mi(64) }), 'not-held')
  for (const memory of ['', '-1', '0', 'lots', '1Mi; rm'])
    assert.equal(set({ container: 'app', limits: { memory } }), 'out-of-bounds')
  const both = outcomeOf(asked({}, [], { parameters: { container: 'app', limits: { memory: '64Mi', cpu: '1' } } }))
  assert.ok('effect' in both)
  assert.match(both.effect, /cpu limit none → 1, memory limit none → 64Mi/)
})
