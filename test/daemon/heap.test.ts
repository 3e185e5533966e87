import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { rest } from '../../src/util/virtual-clock.ts'
import { pod, type Seed } from '../support/build.ts'
import type { DaemonProcess } from '../support/daemon-process.ts'
import { crashed, ServedCluster } from '../support/served-cluster.ts'

/** What etcd takes of one object. */
const MOST = 1_400_000
const BIG = 'x'.repeat(MOST)

const containers = (count: number, more: object = {}): object[] =>
  Array.from({ length: count }, (_, number) => ({ name: `c${number}`, image: `image-${number}:1`, ...more }))

const statuses = (count: number): object[] =>
  containers(count, { restartCount: 0, ready: true, state: { running: { startedAt: '2026-11-21T12:00:00Z' } } })

const waits = (message: string): object => ({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
})

const labels = (count: number, word = 'v'): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, number) => [`label-${number}`, `${word}-${number}`.padEnd(30, 'x')]),
  )

/** Objects as large as they can be, each in another way. */
const POISON: Readonly<Record<string, Seed>> = {
  annotation: { annotations: { BIG } },
  argument: { spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'a', args: [BIG] }] } },
  message: { status: waits(BIG) },
  refusals: { status: waits(`0/3 nodes are available: ${'1 node(s) had untolerated taint {a: b}, '.repeat(35_000)}`) },
  labels: { labels: labels(25_000) },
  containers: {
    spec: { containers: containers(8_000) },
    status: { phase: 'Running', containerStatuses: statuses(8_000) },
  },
}

/** Of a heap so small that a few thousand pods fill it. */
const SMALL = ['--max-old-space-size=96']

const crash = { rule: 'crash-loop', name: 'cart' }

async function ready(daemon: DaemonProcess): Promise<DaemonProcess> {
  while (!(await daemon.isReady())) await rest(50)
  return daemon
}

async function firing(daemon: DaemonProcess) {
  const { items } = JSON.parse((await daemon.get('/recommendations?state=firing&rule=crash-loop')).text) as Envelope
  return items.map(({ id, since, firstSeen, target }) => ({ id, since, firstSeen, name: target.name }))
}

async function diesOfHeap(daemon: DaemonProcess): Promise<void> {
  assert.deepEqual(await daemon.ended, { code: null, signal: 'SIGABRT' })
  assert.ok(
    daemon.lines.some(({ event }) => /heap out of memory|heap limit/i.test(String(event))),
    'the fault was not reached',
  )
}

test('fault 41: the heap is full; objects as large as they can be are not what fills it', async () => {
  await using cluster = await ServedCluster.open()
  for (const [name, seed] of Object.entries(POISON)) cluster.put(pod({ name: `poison-${name}`, ...seed }))
  const first = await ready(await cluster.start(SMALL))
  cluster.deploy('cart', crashed())
  await first.said('finding changed', { ...crash, state: 'firing' })
  const { counts, rules, checkpoint, kinds } = await first.status()
  assert.ok(counts.objects > Object.keys(POISON).length)
  assert.deepEqual([rules.disabled, checkpoint.problem, kinds.filter(({ malformed }) => malformed > 0)], [[], null, []])
  const before = await firing(first)
  assert.deepEqual(
    before.map(({ name }) => name),
    ['cart'],
  )
  await cluster.kept(before[0]?.id ?? '')

  for (let number = 0; number < 600; number++)
    cluster.put(pod({ name: `flood-${number}`, labels: labels(1_500, String(number)), status: { phase: 'Running' } }))
  await diesOfHeap(first)
  const next = await ready(await cluster.start(['--max-old-space-size=512']))
  assert.deepEqual(
    (await firing(next)).filter(({ name }) => name === 'cart'),
    before,
  )
  assert.equal((await next.status()).checkpoint.problem, null)
  assert.deepEqual(await next.end('SIGTERM'), { code: 0, signal: null })
  const told = next.lines.filter(({ event, name }) => event === 'finding changed' && name === 'cart')
  assert.deepEqual(
    told.filter(({ rule }) => rule === 'crash-loop'),
    [],
    'it was told again',
  )
})
