import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { differences, unmet } from '../support/expectations.ts'
import { scan } from '../support/program.ts'
import { RealServer } from '../support/real-server.ts'
import { applyScenarios, everything, expectationsOf, SCENARIOS } from '../support/scenarios.ts'

// Evictions come after two minutes, a lost node's pod goes after five: the last scenario shows within some eight.
const PATIENCE = 12 * 60_000

const server = new RealServer()
let envelope: Envelope

const WANTED = everything()

before(async () => {
  await applyScenarios(server)
  const deadline = Date.now() + PATIENCE
  for (;;) {
    envelope = await scan()
    if (differences(envelope.items, WANTED).length === 0 || Date.now() > deadline) return
    // A broken cluster always has something to tell; that is when it is worth another look.
    await server.change('/api/v1/events')
  }
})

for (const name of SCENARIOS)
  test(`scenario ${name}: found once, on its owner, with its cause`, () => {
    assert.deepEqual(
      expectationsOf(name).findings.flatMap((want) => unmet(want, envelope.items)),
      [],
    )
  })

test('no false alarm, no healthy decoy, nothing hidden', () => {
  assert.deepEqual(differences(envelope.items, WANTED), [])
})

test('everything was read', () => {
  assert.deepEqual([envelope.complete, envelope.incomplete], [true, []])
})

test('over-provisioning is unknown from one look, and says what would be needed', () => {
  const unknown = envelope.unknown.find(({ rule }) => rule === 'over-provisioned')
  assert.equal(unknown?.reason, 'insufficient-data')
  assert.match(unknown?.detail ?? '', /needs 24 h and 1,000 samples/)
})
