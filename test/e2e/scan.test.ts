import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { differences, unmet, type Expected } from '../support/expectations.ts'
import { scan } from '../support/program.ts'
import { RealServer } from '../support/real-server.ts'
import { expectedOf } from '../support/recordings.ts'

const SCENARIOS = join(import.meta.dirname, '../scenarios')
// Evictions come after two minutes, a lost node's pod goes after five: the last scenario shows within some eight.
const PATIENCE = 12 * 60_000

const names = readdirSync(SCENARIOS)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .toSorted()

const server = new RealServer()
let envelope: Envelope

/** The expectations of a scenario's recording, without the names that a cluster makes up. */
function expectationsOf(name: string): Expected {
  const { findings, ...rest } = expectedOf(name) as Expected
  const stable = findings.map((want) => {
    const { name: _name, ...nameless } = want
    return want.kind === 'PersistentVolume' ? nameless : want
  })
  return { ...rest, findings: stable }
}

/** All scenarios at once: a finding is expected, allowed or a false alarm whichever of them it comes from. */
function everything(): Expected {
  const all = names.map(expectationsOf)
  return {
    findings: all.flatMap(({ findings }) => findings),
    quiet: all.flatMap(({ quiet = [] }) => quiet),
    allow: all.flatMap(({ allow = [] }) => allow),
  }
}

const WANTED = everything()

before(async () => {
  const there = new Set((await server.list('/api/v1/namespaces')).map(({ metadata }) => String(metadata['name'])))
  const absent = names.filter((name) => !there.has(`faults-${name}`))
  if (absent.length > 0) execFileSync('bash', [join(SCENARIOS, 'apply'), ...absent], { stdio: 'inherit' })
  const deadline = Date.now() + PATIENCE
  for (;;) {
    envelope = await scan()
    if (differences(envelope.items, WANTED).length === 0 || Date.now() > deadline) return
    // A broken cluster always has something to tell; that is when it is worth another look.
    await server.change('/api/v1/events')
  }
})

for (const name of names)
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
