import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isOfTerminatingNamespace, REFUSAL_CAUSES, refusalCause } from '../../src/facts/refusal-cause.ts'

// As the API server of 1.36 and its predecessors write them.
const MESSAGES: readonly (readonly [message: string, cause: string, by: string])[] = [
  [
    'pods "api-5df9f7f557-xbh2l" is forbidden: exceeded quota: compact, requested: pods=1, used: pods=1, limited: pods=1',
    'quota',
    'compact',
  ],
  [
    'pods "api-0" is forbidden: failed quota: team.cpu: must specify limits.cpu for: app; requests.memory for: app',
    'quota',
    'team.cpu',
  ],
  ['pods "api-0" is forbidden: status unknown for quota: compact, resources: pods', 'quota', 'compact'],
  ['pods "api-0" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high]}]', 'quota', ''],
  [
    'pods "api-0" is forbidden: [maximum memory usage per Container is 1Gi, but limit is 2Gi, minimum cpu usage per Container is 100m, but request is 10m]',
    'limit-range',
    '',
  ],
  [
    'pods "api-0" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 10.000000',
    'limit-range',
    '',
  ],
  [
    'pods "api-0" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
    'pod-security',
    'restricted:latest',
  ],
  [
    'pods "api-0" is forbidden: unable to validate against any security context constraint: [provider restricted: ...]',
    'pod-security',
    '',
  ],
  [
    'pods "api-0" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found',
    'service-account',
    'shop/robot',
  ],
  [
    'Internal error occurred: failed calling webhook "check.example.test": failed to call webhook: Post "https://policy-server.policy.svc:443/?timeout=2s": service "policy-server" not found',
    'webhook',
    'check.example.test',
  ],
  [
    'admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/shop/api-0 was blocked',
    'webhook-denied',
    'validate.kyverno.svc-fail',
  ],
  [
    `pods "api-0" is forbidden: ValidatingAdmissionPolicy 'signed-images' with binding 'all' denied request: image is not signed`,
    'policy',
    'signed-images',
  ],
  ['pods "api-0" is forbidden: no PriorityClass with name urgent was found', 'priority-class', 'urgent'],
  ['pods "api-0" is forbidden: pod rejected: RuntimeClass "gvisor" not found', 'runtime-class', 'gvisor'],
  ['Pod "api-0" is invalid: spec.containers[0].image: Required value', 'invalid', ''],
  ['pods "api-0" is forbidden: node selector label conflict', 'forbidden', ''],
  ['the server is currently unable to handle the request', 'other', ''],
  ['', 'other', ''],
]

test('the cause of a refusal and who refused are read from what the API server says', () => {
  for (const [message, cause, by] of MESSAGES) assert.deepEqual(refusalCause(message), { cause, by }, message)
})

test('a controller puts its own words before those of the API server', () => {
  const [quota] = MESSAGES
  for (const prefix of [
    'Error creating: ',
    '(combined from similar events): Error creating: ',
    'create Pod db-0 in StatefulSet db failed error: ',
    'create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: ',
  ])
    assert.equal(refusalCause(`${prefix}${quota?.[0] ?? ''}`).cause, 'quota')
})

test('a namespace that is being deleted refuses everything', () => {
  const message =
    'pods "api-0" is forbidden: unable to create new content in namespace shop because it is being terminated'
  assert.equal(isOfTerminatingNamespace(message), true)
  assert.equal(isOfTerminatingNamespace(MESSAGES[0]?.[0] ?? ''), false)
})

test('any text has a cause of the closed list', () => {
  fc.assert(fc.property(fc.string(), (text) => REFUSAL_CAUSES.includes(refusalCause(text).cause)))
})
