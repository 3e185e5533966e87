import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MINUTE } from '../../src/util/time.ts'
import { NOW, ago, eventOn, snapshotOf } from '../support/build.ts'
import { cart, waiting } from '../support/containers.ts'
import { readingOf, valueOf } from '../support/readings.ts'

const APP = { kind: 'container', name: 'cart-6d4f-x2x4z/app' } as const

const held = (message: string, reason = 'CreateContainerConfigError') =>
  snapshotOf(cart([{ status: { state: waiting(reason, message) } }]).all)

const CASES: readonly [message: string, cause: string | null, words: string | null, reason?: string][] = [
  ['configmap "cart-settings" not found', 'missing-configmap', 'ConfigMap "cart-settings" does not exist (not found)'],
  ['secret "db" not found', 'missing-secret', 'Secret "db" does not exist (not found)'],
  [
    "couldn't find key smtp-password in Secret shop/mailer",
    'missing-key',
    'Secret shop/mailer has no key "smtp-password"',
  ],
  ["couldn't find key mode in ConfigMap shop/cart", 'missing-key', 'ConfigMap shop/cart has no key "mode"'],
  [
    'container has runAsNonRoot and image will run as root (pod: "x", container: app)',
    'runs-as-root',
    'runAsNonRoot is set and the image would run as root, or as a user that is no number',
  ],
  [
    'failed to generate spec: no command specified',
    'no-command',
    'neither the image nor the pod names a command',
    'CreateContainerError',
  ],
  ['something\u001B[31m new', 'other', 'something [31m new'],
  ['failed to sync configmap cache: timed out waiting for the condition', null, null],
  ['configmap "x" not found', null, null, 'ContainerCreating'],
]

for (const [message, cause, words, reason] of CASES)
  test(`configCause: ${cause ?? 'none'}: ${message.slice(0, 40)}`, () => {
    assert.equal(valueOf('configCause', APP, held(message, reason)), cause)
    assert.equal(valueOf('configProblem', APP, held(message, reason)), words)
  })

test('configCause: since the first Event that said just this', () => {
  const { pod, all } = cart([{ status: { state: waiting('CreateContainerConfigError', 'secret "db" not found') } }])
  const said = (message: string, first: string) =>
    eventOn(pod, {
      container: 'app',
      reason: 'Failed',
      message,
      count: 9,
      firstTimestamp: ago(first),
      lastTimestamp: ago('1m'),
    })
  const seen = snapshotOf([
    ...all,
    said('Error: secret "db" not found', '9m'),
    said('Error: secret "other" not found', '40m'),
  ])
  assert.deepEqual(readingOf('configCause', APP, seen), { value: 'missing-secret', since: NOW - 9 * MINUTE })
})
