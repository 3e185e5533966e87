import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  endpointSlice,
  mutatingWebhook,
  service,
  snapshotOf,
  validatingWebhook,
  type Looked,
  type Raw,
} from '../support/build.ts'
import { valueOf } from '../support/readings.ts'
import { recording } from '../support/recordings.ts'

const GUARD = { kind: 'webhook', name: 'guard' } as const
const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]

const hook = (more: object = {}): object => ({
  name: 'pods.guard.test',
  failurePolicy: 'Fail',
  rules: RULES,
  clientConfig: { service: { namespace: 'policy', name: 'server' } },
  ...more,
})
const guard = (...webhooks: object[]): Raw => validatingWebhook({ name: 'guard', webhooks })
const server = (spec: object = { selector: { app: 'server' } }): Raw =>
  service({ name: 'server', namespace: 'policy', spec })
const endpoints = (...ready: boolean[]): Raw =>
  endpointSlice({
    name: 'server-1',
    namespace: 'policy',
    labels: { 'kubernetes.io/service-name': 'server' },
    endpoints: ready.length === 0 ? null : ready.map((one) => ({ conditions: { ready: one } })),
  })

const told = (objects: readonly Raw[], looked: Looked = {}): unknown[] =>
  ['webhookFault', 'unreachableWebhooks', 'unreachableServices'].map((fact) =>
    valueOf(fact, GUARD, snapshotOf(objects, looked)),
  )

test('a Service that does not exist, or has nobody behind it', () => {
  assert.deepEqual(told([guard(hook())]), ['service-missing', ['pods.guard.test'], ['policy/server (does not exist)']])
  for (const slices of [[], [endpoints()], [endpoints(false)]])
    assert.deepEqual(told([guard(hook()), server(), ...slices]), [
      'no-endpoints',
      ['pods.guard.test'],
      ['policy/server (has no ready endpoint)'],
    ])
})

test('one that answers, or need not', () => {
  const fine: Raw[][] = [
    [guard(hook()), server(), endpoints(false, true)],
    [guard(hook({ failurePolicy: 'Ignore' }))],
    [guard(hook({ rules: [] }))],
    [guard(hook({ clientConfig: { url: 'https://guard.example.test' } }))],
    [guard(hook()), server({ type: 'ExternalName' })],
    [guard()],
  ]
  for (const [index, objects] of fine.entries()) assert.deepEqual(told(objects), [null, [], []], String(index))
})

test('Fail is what Kubernetes takes where nothing is written', () => {
  assert.equal(told([guard(hook({ failurePolicy: undefined }))])[0], 'service-missing')
})

test('each webhook is named, each Service once', () => {
  const two = [hook(), hook({ name: 'nodes.guard.test' }), hook({ name: 'soft.guard.test', failurePolicy: 'Ignore' })]
  assert.deepEqual(told([guard(...two)]), [
    'service-missing',
    ['pods.guard.test', 'nodes.guard.test'],
    ['policy/server (does not exist)'],
  ])
})

test('a mutating one is told too', () => {
  assert.equal(told([mutatingWebhook({ name: 'guard', webhooks: [hook()] })])[0], 'service-missing')
})

test('nobody looked at the namespace of the Service', () => {
  const blind = { unknown: 'not-listed' }
  assert.deepEqual(told([guard(hook())], { namespaces: ['shop'] }), [blind, blind, blind])
  const listed = ['services', 'validatingwebhookconfigurations.admissionregistration.k8s.io']
  assert.deepEqual(told([guard(hook()), server()], { listed })[0], blind)
  const other = hook({ name: 'near.test', clientConfig: { service: { namespace: 'shop', name: 'gone' } } })
  assert.equal(told([guard(hook(), other)], { namespaces: ['shop'] })[0], 'service-missing')
})

test('the recording of one namespace cannot tell', () => {
  const of = { kind: 'webhook', name: 'faults-webhook-down' } as const
  assert.deepEqual(valueOf('webhookFault', of, recording('webhook-down')), { unknown: 'not-listed' })
})
