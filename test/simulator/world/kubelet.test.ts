import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectTable } from '../../../src/simulator/table.ts'
import {
  configMissing,
  crashes,
  failsTimes,
  imageMissing,
  leaks,
  neverReady,
  serves,
  type Behaviour,
} from '../../../src/simulator/world/behaviour.ts'
import { idle } from '../../../src/simulator/world/curve.ts'
import { deployment } from '../../../src/simulator/world/manifests.ts'
import type { ContainerStatus, Pod } from '../../../src/simulator/world/objects.ts'
import { MINUTE, SECOND } from '../../../src/util/time.ts'
import { recordedJson } from '../../support/recordings.ts'
import { fieldsOf, foundIn, smallWorld, someApp } from '../../support/worlds.ts'

type Shown = Readonly<Record<string, unknown>>
interface Item extends Shown {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
}

const recorded = (name: string, kind: string): Item[] =>
  (recordedJson(name) as { items: Item[] }).items.filter((item) => item.kind === kind)

const podsOf = (table: ObjectTable): Pod[] => table.list({ apiVersion: 'v1', kind: 'Pod' }) as unknown as Pod[]
const eventsOf = (table: ObjectTable): Shown[] => table.list({ apiVersion: 'v1', kind: 'Event' })
const firstStatus = (table: ObjectTable): ContainerStatus => {
  const status = podsOf(table)[0]?.status?.containerStatuses?.[0]
  assert.ok(status)
  return status
}

async function run(behaviour: Behaviour, ms: number, ready?: string) {
  const small = smallWorld()
  small.world.behaviours.set('shop/web', behaviour)
  small.world.store.create(deployment(someApp(ready === undefined ? {} : { ready, port: 8080 }), small.at))
  await small.pass(ms)
  return small
}

const containerOf = (pod: Pod | undefined): ContainerStatus | undefined => pod?.status?.containerStatuses?.[0]

function shownBy(pod: Pod | undefined): { readonly said: string; readonly started: string | undefined } {
  const { waiting, terminated, running, ...rest } = containerOf(pod)?.state ?? {}
  const [kind = ''] = Object.entries({ waiting, terminated, running, ...rest }).flatMap(([key, set]) =>
    set ? key : [],
  )
  return { said: `${kind} ${(waiting ?? terminated)?.reason ?? ''}`.trim(), started: running?.startedAt }
}

/** Each state that a container was in, as `state reason`, with when it began, in seconds. */
async function statesOf(behaviour: Behaviour, ms: number): Promise<{ at: number; said: string }[]> {
  const { table, world, at: began, pass } = smallWorld()
  world.behaviours.set('shop/web', behaviour)
  const seen: { at: number; said: string; started: string | undefined }[] = []
  const pods = { apiVersion: 'v1', kind: 'Pod' }
  table.subscribe(({ after }) => {
    const { said, started } = shownBy(after as Pod | undefined)
    const last = seen.at(-1)
    if (said !== '' && (last?.said !== said || last.started !== started))
      seen.push({ at: (world.engine.now() - Date.parse(began)) / SECOND, said, started })
  }, pods)
  world.store.create(deployment(someApp(), began))
  await pass(ms)
  return seen
}

test('a crash loop is left alone for 10 s, then twice as long each time, up to 5 minutes', async () => {
  const states = await statesOf(crashes({ after: SECOND, exitCode: 1 }), 40 * MINUTE)
  const starts = states.filter(({ said }) => said === 'running').map(({ at }) => at)
  const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
  const waits = [0, 10, 20, 40, 80, 160, 300, 300]
  for (const [index, wait] of waits.entries()) {
    const gap = gaps[index] ?? 0
    // A second of life, up to one until it is noticed, and looks that are up to a minute and a half apart.
    assert.ok(gap >= wait && gap <= wait + (wait <= 60 ? wait / 2 + 4 : 95), `restart ${index + 1} after ${gap} s`)
  }
})

test('after a crash the state is terminated until the kubelet looks again, and only then waiting', async () => {
  const states = await statesOf(crashes({ after: SECOND, exitCode: 1 }), 10 * MINUTE)
  const said = states.map((one) => one.said)
  assert.deepEqual(said.slice(0, 2), ['waiting ContainerCreating', 'running'])
  for (const [index, one] of said.entries()) {
    if (one === 'terminated Error') assert.equal(said[index - 1], 'running')
    if (one === 'waiting CrashLoopBackOff') assert.equal(said[index - 1], 'terminated Error')
    if (one === 'running' && index > 4) assert.equal(said[index - 1], 'waiting CrashLoopBackOff')
  }
  assert.ok(said.filter((one) => one === 'waiting CrashLoopBackOff').length >= 4)
})

test('ten well minutes end the back-off', async () => {
  let lives = 0
  const after = (): number => (lives++ < 5 ? SECOND : 11 * MINUTE)
  const states = await statesOf(
    { run: () => ({ curve: idle(0.01, 10), ready: 0, end: { after: after(), exitCode: 1 } }) },
    60 * MINUTE,
  )
  const last = states.filter(({ said }) => said === 'running').slice(-3)
  const [one, two] = [last[0]?.at ?? 0, last[1]?.at ?? 0]
  assert.ok(two - one < 11 * 60 + 4, `restarted ${two - one} s after its start`)
})

/** What each behaviour looks like after a while, beside what a real kubelet wrote of the same. */
const LIKE: readonly (readonly [recording: string, behaviour: Behaviour, minutes: number, ready?: string])[] = [
  ['crash-exit', crashes({ after: SECOND, exitCode: 1 }), 20],
  ['oom', leaks({ every: 3 * SECOND, cores: 0.1, mebibytes: [8, 128] }), 20],
  ['image-missing', imageMissing(), 15],
  ['config-missing', configMissing('configmap "cart-settings" not found'), 15],
  ['hpa', serves(idle(0.01, 10)), 15],
  ['readiness', neverReady(idle(0.01, 10), 'HTTP probe failed with statuscode: 404'), 20, '/healthz'],
]

for (const [name, behaviour, minutes, ready] of LIKE)
  test(`a pod looks as in the recording ${name}`, async () => {
    const { table } = await run(behaviour, minutes * MINUTE, ready)
    const real = recorded(name, 'Pod')[0] as Pod
    const [pod] = podsOf(table)
    assert.ok(pod)
    const shape = ({ status }: Pod): string[] =>
      fieldsOf(status).filter((path) => !/waiting|running|terminated|lastState/.test(path))
    assert.deepEqual(shape(pod), shape(real))
    assert.equal(pod.status?.phase, real.status?.phase)
    const conditions = ({ status }: Pod): string[] =>
      (status?.conditions ?? []).map(({ type, status: is, reason, message }) => [type, is, reason, message].join(' '))
    assert.deepEqual(conditions(pod), conditions(real))
    const [mine, theirs] = [pod, real].map((one) => {
      const { reason, exitCode } = containerOf(one)?.lastState.terminated ?? {}
      return { reason, exitCode, ready: containerOf(one)?.ready }
    })
    assert.deepEqual(mine, theirs)
  })

test('what a container waits for is said as the kubelet says it', async () => {
  const waiting = (item: Pod | undefined): string => {
    assert.ok(item)
    const { reason = '', message = '' } = containerOf(item)?.state.waiting ?? {}
    const { name, namespace = '', uid = '' } = item.metadata
    return `${reason}: ${message.replaceAll(`${name}_${namespace}(${uid})`, 'POD')}`
  }
  const crash = await run(crashes({ after: SECOND, exitCode: 1 }), 0)
  // Until it waits for the longest time there is.
  for (let minute = 0; minute < 40; minute++) {
    await crash.pass(MINUTE)
    if (waiting(podsOf(crash.table)[0]).includes('5m0s')) break
  }
  assert.equal(waiting(podsOf(crash.table)[0]), waiting(recorded('crash-exit', 'Pod')[0] as Pod))

  const image = await run(imageMissing(), 12 * MINUTE)
  const real = waiting(recorded('image-missing', 'Pod')[0] as Pod)
  assert.equal(
    waiting(podsOf(image.table)[0]),
    real.replaceAll('registry.example.test/shop/api:v9.9.9', 'registry.shop.example/web:1.0.0'),
  )
})

test('a crash loop tells in Events what a real one tells, in the same fields', async () => {
  const { table } = await run(crashes({ after: SECOND, exitCode: 1 }), 20 * MINUTE)
  const known = (item: Shown): string => `${item['type'] as string} ${item['reason'] as string}`
  const mine = eventsOf(table)
  const real = recorded('crash-exit', 'Event')
  const besides = new Set(['Normal Pulling'])
  assert.deepEqual(
    [...new Set(mine.map(known))].filter((one) => !besides.has(one)).toSorted(),
    [...new Set(real.map(known))].toSorted(),
  )
  for (const one of mine) {
    const like = real.find((item) => known(item) === known(one))
    if (!like) continue
    const shape = (item: Shown): string[] =>
      fieldsOf(item).filter((path) => !path.startsWith('metadata.managedFields') && path !== 'series{}')
    assert.deepEqual(
      shape(one).filter((path) => !path.startsWith('series')),
      shape(like),
      known(one),
    )
  }
  const backOff = mine.find((item) => item['reason'] === 'BackOff')
  assert.ok(Number(backOff?.['count']) >= 7)
})

test('an OOM kill is 137, OOMKilled, and goes on to grow anew', async () => {
  const { table, world, pass, scan } = await run(
    leaks({ every: 3 * MINUTE, cores: 0.1, mebibytes: [20, 128] }),
    2 * MINUTE,
  )
  const memory = (): string => {
    const [found] = world.metrics.list('PodMetrics') as { containers?: { usage: { memory: string } }[] }[]
    return found?.containers?.[0]?.usage.memory ?? '0Ki'
  }
  assert.ok(Number.parseInt(memory(), 10) > 60 * 1024, memory())
  assert.equal(firstStatus(table).restartCount, 0)
  await pass(2.5 * MINUTE)
  const { restartCount, lastState, state } = firstStatus(table)
  assert.deepEqual([restartCount, lastState.terminated?.exitCode, lastState.terminated?.reason], [1, 137, 'OOMKilled'])
  assert.ok(state.running)
  assert.ok(Number.parseInt(memory(), 10) < 80 * 1024, memory())
  assert.deepEqual(foundIn(await scan()), ['oom-kill Deployment shop/web'])
})

test('a script that changes changes what runs', async () => {
  const { table, world, pass } = await run(serves(idle(0.01, 10)), 5 * MINUTE, '/healthz')
  assert.ok(firstStatus(table).ready)
  world.behaviours.set('shop/web', neverReady())
  await pass(MINUTE)
  assert.deepEqual([firstStatus(table).ready, firstStatus(table).restartCount], [false, 0])
  world.behaviours.set('shop/web', serves(idle(0.01, 10)))
  await pass(MINUTE)
  assert.ok(firstStatus(table).ready)
  world.behaviours.set('shop/web', failsTimes(1, { after: SECOND, exitCode: 2 }))
  await pass(5 * SECOND)
  assert.equal(firstStatus(table).restartCount, 1)
})

test('of a container that is deleted no crash is told', async () => {
  const { table, world, pass } = await run(serves(idle(0.01, 10)), MINUTE)
  const [pod] = podsOf(table)
  assert.ok(pod)
  world.store.update({
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp: '2026-11-21T10:01:30Z', deletionGracePeriodSeconds: 30 },
  })
  await pass(10 * SECOND)
  assert.ok(!podsOf(table).some(({ metadata }) => metadata.uid === pod.metadata.uid))
  assert.equal(podsOf(table).length, 1, 'another was made in its place')
  const killing = eventsOf(table).find((item) => item['reason'] === 'Killing')
  assert.equal(killing?.['message'], 'Stopping container app')
})
