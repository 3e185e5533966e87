import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import type { Envelope, FindingView } from '../../src/sinks/envelope.ts'
import type { Published } from '../../src/sinks/published.ts'
import type { Status } from '../../src/sinks/status.ts'
import { ChangeLog, type Entry } from '../support/change-log.ts'
import { ControlPlane } from '../support/control-plane.ts'
import { DaemonProcess, type End } from '../support/daemon-process.ts'
import { differences, isFalseAlarm, say, unmet } from '../support/expectations.ts'
import { kubeconfig, Scratch } from '../support/kubeconfigs.ts'
import { scan } from '../support/program.ts'
import { admit, dismiss, type PolicyRule } from '../support/readers.ts'
import { RealServer } from '../support/real-server.ts'
import { RecordingProxy } from '../support/recording-proxy.ts'
import { KINDS } from '../../src/cluster/kinds.ts'
import { brokenIn, watchTwoNamespaces, type NamespacedWatch } from './namespaced.ts'
import {
  applyScenarios,
  everything,
  expectationsOf,
  isOfScenario,
  namespaceOf,
  removeScenarios,
  SCENARIOS,
} from '../support/scenarios.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
// Evictions come after two minutes, a lost node's pod goes after five: the last scenario shows within some eight.
const PATIENCE = 12 * MINUTE
/** Between two scans beside the daemon: often enough to know when something could be told, and not all that the machine does. */
const SCAN_EVERY = 10 * SECOND
/** How long the API server is away, and how long it may take until it is known to be: longer than dogwatch's 45 s. */
const OUTAGE = 75 * SECOND
/** What looks like a fault while a pod starts or ends; the outage may fall into that. */
const PASSES_WITHIN = 3 * MINUTE
/** Every kubelet has said by then that it lives. */
const LEASES_RENEWED = 20 * SECOND
const WANTED = everything()
const HOME = `dogwatch-e2e-daemon-${process.pid}`
const ALTERNATING = namespaceOf('crash-alternating')

interface Scan {
  readonly endedAt: number
  readonly items: readonly FindingView[]
}

/** What one life of the daemon left. */
interface Life {
  readonly end: End
  readonly endedAfter: number
  readonly findings: readonly FindingView[]
}

interface Outage {
  readonly from: number
  readonly to: number
  readonly status: Status
  readonly ready: number
  readonly answer: Published
  readonly recoveredAfter: number
}

const server = new RealServer()
/** What is to be put in order in the end, whatever comes. */
const left = new AsyncDisposableStack()
const controlPlane = new ControlPlane()
const log = new ChangeLog(isOfScenario)
const scans: Scan[] = []
const lives: Life[] = []
const memory: number[] = []
let scratch: Scratch
let proxy: RecordingProxy
let daemon: DaemonProcess
let startedAt: number
let readyAt: number
/** Of one core, the start included. */
let load: number
let foundAt: number
let endedAt: number
let outage: Outage
let narrow: NamespacedWatch

/** The rights that `deploy/` gives, so that every scenario is found with exactly these. */
function shippedRights(): PolicyRule[] {
  const text = readFileSync(join(import.meta.dirname, '../../deploy/base/rbac.yaml'), 'utf8')
  const documents = parseAllDocuments(text).map((document) => document.toJS() as { kind: string; rules: PolicyRule[] })
  return documents.find(({ kind }) => kind === 'ClusterRole')?.rules ?? []
}

const reader = { name: HOME, home: HOME, rules: shippedRights() }

async function live(): Promise<void> {
  const args = ['--kubeconfig', join(scratch.path, 'config'), '--checkpoint', join(scratch.path, 'checkpoint')]
  daemon = await DaemonProcess.start(args)
  await daemon.said('everything was seen')
  while (!(await daemon.isReady())) await setTimeout(200)
  await log.follow(daemon)
}

async function scanAgainAndAgain(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { items } = await scan()
    scans.push({ endedAt: Date.now(), items })
    memory.push(daemon.memory)
    await setTimeout(SCAN_EVERY)
  }
}

async function findEverything(): Promise<void> {
  let over = false
  const scanning = scanAgainAndAgain(() => over)
  try {
    await applyScenarios(server)
    await log.until((findings) => differences(findings, WANTED).length === 0, PATIENCE)
  } finally {
    over = true
  }
  foundAt = Date.now()
  load = daemon.cpu / ((foundAt - startedAt) / SECOND)
  await scanning
}

// The controllers go with it: one that lived on would take the silence of all nodes for their own, and say that they are gone.
async function loseServer(): Promise<void> {
  for (const name of ['kube-controller-manager', 'kube-apiserver']) controlPlane.kill(name)
  const from = Date.now()
  await setTimeout(OUTAGE)
  const [status, readyz, answer] = await Promise.all([
    daemon.status(),
    daemon.get('/readyz'),
    daemon.get('/recommendations?limit=1000'),
  ])
  const to = Date.now()
  controlPlane.start('kube-apiserver')
  while (!(await daemon.isReady())) await setTimeout(500)
  const recoveredAfter = Date.now() - to
  outage = { from, to, status, ready: readyz.status, answer: JSON.parse(answer.text) as Published, recoveredAfter }
  await setTimeout(LEASES_RENEWED)
  controlPlane.startAll()
}

async function liveAnew(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const findings = log.current
  const began = Date.now()
  const end = await daemon.end(signal)
  lives.push({ end, endedAfter: Date.now() - began, findings })
  await live()
  // What is left of the checkpoint alone is out of doubt once a flicker is over.
  await setTimeout(90 * SECOND)
}

before(async () => {
  scratch = left.use(new Scratch())
  proxy = left.use(await RecordingProxy.start())
  await removeScenarios(server)
  await server.create('/api/v1/namespaces', { metadata: { name: HOME } })
  left.defer(async () => void (await server.send({ method: 'DELETE', path: `/api/v1/namespaces/${HOME}` })))
  left.defer(() => dismiss(server, reader))
  scratch.write('config', kubeconfig({ server: proxy.url }, { token: await admit(server, reader) }))
  left.defer(() => controlPlane.startAll())
  left.defer(async () => void (await daemon.end('SIGTERM')))
  startedAt = Date.now()
  await live()
  readyAt = Date.now()
  const [few, all] = await Promise.allSettled([watchTwoNamespaces(server, HOME), watchScenarios()])
  if (few.status === 'rejected') throw few.reason
  if (all.status === 'rejected') throw all.reason
  narrow = few.value
})

after(() => left.disposeAsync())

async function watchScenarios(): Promise<void> {
  await findEverything()
  await setTimeout(30 * SECOND)
  await loseServer()
  await setTimeout(60 * SECOND)
  await liveAnew('SIGKILL')
  await liveAnew('SIGTERM')
  const [first] = alternating()
  await setTimeout(Math.max(0, (first?.at ?? 0) + 10 * MINUTE - Date.now()))
  endedAt = Date.now()
}

const alternating = (): Entry[] =>
  log.entries.filter(({ finding }) => finding?.rule.id === 'crash-loop' && finding.target.namespace === ALTERNATING)

const requestsIn = (from: number, to: number): string[] =>
  proxy.asked.filter((_, i) => (proxy.times[i] ?? 0) >= from && (proxy.times[i] ?? 0) < to)

// A finding can be told from the moment on that a look at the live objects tells it, and a scan is such a look: the first that finds it
// ends a pause and its own length after that moment at most, a few seconds of the minute.
for (const name of SCENARIOS)
  test(`scenario ${name}: found within a minute of being there to be found, once, on its owner`, (t) => {
    for (const want of expectationsOf(name).findings) {
      // Words that come later are told later: those of the end are compared there.
      const { says: _says, never: _never, ...named } = want
      const told = log.entries.find(({ finding }) => finding && unmet(named, [finding]).length === 0)
      const seen = scans.find(({ items }) => unmet(named, items).length === 0)
      assert.ok(told, `never found: ${JSON.stringify(want)}`)
      assert.ok(seen, `no scan found it: ${JSON.stringify(want)}`)
      const late = told.at - seen.endedAt
      t.diagnostic(
        `${told.finding?.rule.id} ${Math.round(late / SECOND)} s after the scan that tells it, ${Math.round((told.at - readyAt) / SECOND)} s after the start`,
      )
      assert.ok(late < MINUTE, `${JSON.stringify(want)} was found ${late} ms after a scan did`)
    }
  })

test('all that is found in the end is what is there, once each', () => {
  assert.deepEqual(differences(log.current, WANTED), [])
})

// It fails until its fourth run, and that is told while it lasts.
const FAILS_AT_FIRST = 'cronjob-failing on CronJob faults-cron-recovering/sync-rates'

test('no false alarm in the whole time', () => {
  const fired = log.entries.flatMap(({ finding }) => (finding?.state === 'firing' ? [finding] : []))
  const alarms = new Set(fired.filter((finding) => isFalseAlarm(finding, WANTED)).map(say))
  alarms.delete(FAILS_AT_FIRST)
  assert.deepEqual([...alarms], [])
})

/** For how long at a time something that nobody expects was about to become an alarm, in milliseconds, by what it is. */
function almost(): Map<string, number> {
  const times = new Map<string, number>()
  for (const id of new Set(log.entries.map((entry) => entry.id)))
    for (const [i, { at, finding }] of log.of(id).entries()) {
      if (finding?.state !== 'pending' || !isFalseAlarm(finding, WANTED)) continue
      const until = log.of(id)[i + 1]?.at ?? endedAt
      times.set(say(finding), Math.max(times.get(say(finding)) ?? 0, until - at))
    }
  return times
}

test('what only begins, and is none, passes', (t) => {
  const times = [...almost()].toSorted(([, a], [, b]) => b - a)
  for (const [what, ms] of times) t.diagnostic(`${Math.round(ms / SECOND)} s ${what}`)
  assert.deepEqual(
    times.filter(([, ms]) => ms > PASSES_WITHIN),
    [],
  )
})

/** What became of a finding, without repeats: `pending firing gone`. */
const course = (id: string, since = 0): string[] =>
  log
    .of(id)
    .filter(({ at }) => at >= since)
    .map(({ finding }) => finding?.state ?? 'gone')
    .filter((state, i, all) => state !== all[i - 1])

test('the alternating crash is one finding that never flaps, in ten minutes with an outage and two restarts', () => {
  const ids = new Set(alternating().map(({ id }) => id))
  assert.equal(ids.size, 1)
  const [id = ''] = ids
  assert.deepEqual(
    course(id).filter((state) => state !== 'firing' && state !== 'pending'),
    [],
  )
  assert.equal(course(id).filter((state) => state === 'firing').length, 1)
  const entries = log.of(id)
  assert.equal(new Set(entries.map(({ finding }) => finding?.firstSeen)).size, 1)
  assert.ok(Date.now() - (entries.find(({ finding }) => finding?.state === 'firing')?.at ?? 0) >= 10 * MINUTE)
})

/** The findings that fire at a time. */
function fires(at: number): Set<string> {
  const ids = new Set<string>()
  for (const entry of log.entries.filter((one) => one.at < at))
    if (entry.finding?.state === 'firing') ids.add(entry.id)
    else ids.delete(entry.id)
  return ids
}

test('while the API server is away that is said, what was found stays, and little is asked', (t) => {
  const { from, to, status, ready, answer, recoveredAfter } = outage
  assert.equal(ready, 503)
  assert.deepEqual([status.ready.fresh, answer.complete], [false, false])
  const stale = status.kinds.filter(({ state }) => state === 'stale').length
  t.diagnostic(
    `${stale} of ${status.kinds.length} kinds stale; back ${recoveredAfter} ms after the API server was started`,
  )
  // Figures of use are asked for once a minute, and count for a while.
  const watched = status.kinds.filter(({ resource }) => !resource.endsWith('.metrics.k8s.io'))
  assert.deepEqual(
    watched.filter(({ state }) => state === 'live'),
    [],
  )
  const kept = new Set(answer.items.flatMap(({ id, state }) => (state === 'firing' ? [id] : [])))
  const fired = [...fires(from)].filter((id) => !kept.has(id))
  assert.deepEqual(
    fired.map((id) => course(id)),
    [],
  )
  const asked = requestsIn(from, to)
  t.diagnostic(`${asked.length} requests in ${(to - from) / SECOND} s: ${asked.slice(0, 40).join(', ')}`)
  assert.ok(asked.length > 0)
  assert.ok(asked.length / ((to - from) / MINUTE) <= 30, `${asked.length} requests`)
})

test('nothing that fires is announced again, whatever ends in between', () => {
  const again = [...fires(outage.from)].filter((id) => {
    const states = course(id, outage.from)
    return states.includes('pending') || states.includes('gone')
  })
  assert.deepEqual(
    again.map((id) => `${id}: ${course(id).join(' ')}`),
    [],
  )
})

for (const [i, signal] of (['SIGKILL', 'SIGTERM'] as const).entries())
  test(`after ${signal} everything that fired goes on as it was`, () => {
    const { findings } = lives[i] as Life
    const firing = findings.filter(({ state }) => state === 'firing')
    assert.ok(firing.length > 20)
    const told = new Map(log.entries.filter(({ life }) => life === i + 1).map(({ id, finding }) => [id, finding]))
    const different = firing.filter(({ id, since, firstSeen }) => {
      const now = told.get(id)
      // What a cause comes to explain later may have begun before it.
      return now?.state !== 'firing' || now.firstSeen !== firstSeen || now.since > since
    })
    assert.deepEqual(
      different.map(
        (one) =>
          `${say(one)} ${one.state} ${one.since} ${one.firstSeen}: ${told.get(one.id)?.state} ${told.get(one.id)?.since} ${told.get(one.id)?.firstSeen}`,
      ),
      [],
    )
  })

test('asked to stop it stops within seconds, and says so', () => {
  const { end, endedAfter } = lives[1] as Life
  assert.deepEqual(end, { code: 0, signal: null })
  assert.ok(endedAfter < 10 * SECOND, `${endedAfter} ms`)
})

test('nothing but reads, and no Secret', () => {
  const wrong = proxy.asked.filter(
    (line) => !line.startsWith('GET ') || /\/(?:secrets|configmaps|serviceaccounts)\b/.test(line),
  )
  assert.deepEqual(wrong, [])
})

test('with rights in two namespaces those are watched; what lies outside is unknown, by name', () => {
  const { answer, kinds, namespaces, end } = narrow
  assert.deepEqual(
    brokenIn(answer),
    namespaces.map((namespace) => `firing ${namespace}`),
  )
  const outside = KINDS.filter(({ namespaced }) => !namespaced).map(({ resource }) => resource)
  assert.equal(answer.complete, false)
  assert.deepEqual([...new Set(answer.incomplete.map(({ resource }) => resource))].toSorted(), outside.toSorted())
  const inside = kinds.filter(({ namespace, resource }) => namespace !== null && resource !== 'namespaces')
  assert.ok(inside.length > 20)
  assert.deepEqual(
    inside.filter(({ state }) => state !== 'live' && state !== 'not-installed').map(({ detail }) => detail),
    [],
  )
  assert.deepEqual(end, { code: 0, signal: null })
})

test('a right that is taken away makes its kind unknown there, and nothing else; given back, all is well again', (t) => {
  const { revoked, answerRevoked, answerHealed, noticedAfter, healed, healedAfter, namespaces, memory: used } = narrow
  t.diagnostic(`noticed after ${noticedAfter} ms, healed after ${healedAfter} ms; ${used / 2 ** 20} MiB`)
  assert.deepEqual(
    revoked.map((row) => row?.state),
    ['forbidden', 'live'],
  )
  assert.match(revoked[0]?.detail ?? '', /forbidden/)
  const named = answerRevoked.incomplete.find(({ resource }) => resource === 'pods')
  assert.equal(named?.reason, 'forbidden')
  assert.match(named.detail, new RegExp(namespaces[0]))
  assert.equal(healed?.state, 'live')
  for (const answer of [answerRevoked, answerHealed]) assert.deepEqual(brokenIn(answer), brokenIn(narrow.answer))
})

test('a steady watch asks little: at most one request in five seconds', (t) => {
  const from = readyAt + 2 * MINUTE
  const asked = requestsIn(from, foundAt)
  const rate = asked.length / ((foundAt - from) / SECOND)
  t.diagnostic(
    `${asked.length} requests in ${(foundAt - from) / SECOND} s; ${Math.max(...memory) / 2 ** 20} MiB at most, ${load} of a core`,
  )
  assert.ok(rate <= 0.2, `${rate}: ${asked.join('\n')}`)
})

test('over-provisioning is unknown from so short a look, and says what would be needed', async () => {
  const { text } = await daemon.get('/recommendations')
  const { unknown } = JSON.parse(text) as Envelope
  const over = unknown.find(({ rule }) => rule === 'over-provisioned')
  assert.equal(over?.reason, 'insufficient-data')
  assert.match(over?.detail ?? '', /needs 24 h and 1,000 samples/)
})
