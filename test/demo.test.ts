import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createApp } from '../src/app.ts'
import { run } from '../src/cli/program.ts'
import { readDump } from '../src/cluster/dump.ts'
import { rest, VirtualClock } from '../src/util/virtual-clock.ts'
import { NOW } from './support/build.ts'
import { recorder } from './support/console.ts'
import { judge } from './support/judge.ts'
import { storeOf } from './support/recordings.ts'

const FILE = join(import.meta.dirname, '../demo/shop.json')
const shop = storeOf(readDump([{ name: FILE, json: JSON.parse(readFileSync(FILE, 'utf8')) }], { complete: false }))
const { findings, unknown } = await judge(shop)
const inState = (...states: string[]): string[] =>
  findings
    .filter(({ state }) => states.includes(state))
    .map(({ rule, target }) => `${rule.id} ${target.kind} ${target.namespace}/${target.name}`)
    .toSorted()

test('the shop is broken in the ways it is meant to be, and in no other', () => {
  assert.deepEqual(inState('firing'), [
    'cannot-create-pods Deployment payments/gateway',
    'crash-loop Deployment shop/cart',
    'image-pull Deployment shop/search',
    'oom-kill Deployment shop/recommendations',
    'orphaned-claim PersistentVolumeClaim shop/data-postgres-1',
    'orphaned-claim PersistentVolumeClaim shop/data-postgres-2',
    'orphaned-claim PersistentVolumeClaim shop/uploads-2024',
    'pending-pod Deployment analytics/forecast',
  ])
  assert.deepEqual(inState('pending'), ['service-no-endpoints Service shop/feature-flags'])
})

test('what follows from a fault is explained by it', () => {
  const explained = inState('inhibited')
  for (const consequence of [
    'not-ready Deployment shop/cart',
    'service-no-endpoints Service shop/cart',
    'rollout-stuck Deployment shop/search',
    'rollout-stuck Deployment analytics/forecast',
  ])
    assert.ok(explained.includes(consequence), `${consequence} is not among ${explained.join(', ')}`)
})

test('over-provisioning is unknown for each container with a request', () => {
  const open = unknown.find(({ rule }) => rule === 'over-provisioned')
  assert.equal(open?.reason, 'insufficient-data')
  assert.ok(open.subjects.count >= 15, `${open.subjects.count} subjects`)
})

test('Argo CD is named where the mend has to go', () => {
  const cart = findings.find(({ rule, target }) => rule.id === 'crash-loop' && target.name === 'cart')
  assert.deepEqual(cart?.managedBy, { tool: 'argocd', kind: 'Application', name: 'shop' })
})

test('the living demonstration finds its five, with the shipped rules and thresholds, in the time of its clock', async () => {
  const clock = new VirtualClock(NOW)
  const console = recorder()
  const log: string[] = []
  const services = createApp({
    env: {},
    stdin: ReadableStream.from([]),
    now: () => clock.now(),
    stop: console.io.stop,
    log: (line) => void log.push(line),
  })
  const ended = new AbortController()
  const code = run(['demo', '--once'], { services, io: console.io, called: 'dogwatch', clock }).finally(() =>
    ended.abort(),
  )
  // The API and who polls it take turns of the event loop, which is none of the clock's business.
  for (let step = 0; !ended.signal.aborted && step < 10_000; step++) {
    await rest(20)
    await clock.advance(20)
  }
  assert.equal(await code, 0, console.error())
  assert.equal(console.error(), '')
  assert.deepEqual(log, [])
  assert.match(
    console.out(),
    /\nFound what it was made for within \d+ s: crash-loop, oom-kill, pending-pod, orphaned-claim, over-provisioned\.\n/,
  )
  const [, seconds] = /within (\d+) s/.exec(console.out()) ?? []
  assert.ok(Number(seconds) < 60, `${seconds} s`)
})
