import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Prometheus } from '../../src/cluster/prometheus.ts'
import { PrometheusSource } from '../../src/cluster/prometheus-source.ts'
import { Memory } from '../../src/facts/memory.ts'
import { SILENT, type Fields } from '../../src/util/logger.ts'
import { HOUR, MINUTE } from '../../src/util/time.ts'
import { VirtualClock } from '../../src/util/virtual-clock.ts'
import { NOW, ago, snapshotOf } from '../support/build.ts'
import { cart, running } from '../support/containers.ts'
import { measured } from '../support/measured.ts'
import { figures, PrometheusDouble, vector, type PrometheusAnswer } from '../support/prometheus.ts'
import { Meter } from '../support/usage.ts'

const DAY = 24 * HOUR
const MI = 2 ** 20
const POD = 'cart-6d4f-x2x4z'

/** A Prometheus that is asked at `NOW`. */
async function prometheus(context: TestContext, answer: PrometheusAnswer): Promise<{ url: string; queries: string[] }> {
  const double = await PrometheusDouble.listen((query, request, response) => {
    const url = new URL(request.url ?? '/', 'http://x')
    assert.equal(url.pathname, '/prom/api/v1/query')
    assert.equal(url.searchParams.get('time'), String(NOW / 1000))
    answer(query, request, response)
  })
  context.after(() => double[Symbol.asyncDispose]())
  return double
}

const series = (value: string, labels: object = { pod: POD, container: 'app' }) => ({
  metric: labels,
  value: [NOW / 1000, value],
})
const FIGURES = figures({ cpuP95: 0.1, cpuMax: 0.4, memory: 200 * MI }, { now: NOW, days: 14 })
const figure = (query: string): string => {
  const found = FIGURES.find(([begins]) => query.startsWith(begins))
  assert.ok(found, query)
  return found[1]
}

const asked = (url: string, more: object = {}) =>
  new Prometheus({ url, clock: new VirtualClock(NOW), windowMs: 14 * DAY, ...more })

const EXPECTED = measured(POD, { memoryPeakBytes: 200 * MI, cpuThrottledPart: undefined })

test('asks for one namespace at a time, and gives what each container used', async (context) => {
  const { url, queries } = await prometheus(context, (query, _request, response) =>
    vector(response, [series(figure(query))]),
  )
  assert.deepEqual(await asked(url).usage('shop'), [EXPECTED])
  assert.equal(queries.length, FIGURES.length)
  assert.ok(
    queries.every(
      (query) => query.includes('{namespace="shop",container!="",container!="POD"}') && query.includes('[1209600s'),
    ),
  )
})

const PARTS: readonly [what: string, throttled: string, expected: number | undefined][] = [
  ['a third of the periods', '0.333', 0.333],
  ['a little more than all, for the ends of the window are guessed', '1.002', 1],
  ['never', '0', 0],
  ['without a limit there are no periods', 'NaN', undefined],
  ['no part at all', 'a lot', undefined],
]

for (const [what, throttled, expected] of PARTS)
  test(`how often a CPU limit held back: ${what}`, async (context) => {
    const { url } = await prometheus(context, (query, _request, response) =>
      vector(response, [series(query.includes('throttled') ? throttled : figure(query))]),
    )
    const [usage] = await asked(url).usage('shop')
    assert.equal(usage?.cpuThrottledPart, expected)
    assert.equal(usage?.cpuP95Cores, 0.1)
  })

test('throttling is asked for as kubernetes-mixin does, over the window', async (context) => {
  const { url, queries } = await prometheus(context, (_query, _request, response) => vector(response, []))
  await asked(url).usage('shop')
  const labels = '{namespace="shop",container!="",container!="POD"}[1209600s]'
  assert.ok(
    queries.includes(
      `(sum by (pod, container) (increase(container_cpu_cfs_throttled_periods_total${labels}))) / (sum by (pod, container) (increase(container_cpu_cfs_periods_total${labels})))`,
    ),
    queries.join('\n'),
  )
})

test('a name that is none never becomes a query', async (context) => {
  const { url, queries } = await prometheus(context, (_query, _request, response) => vector(response, []))
  for (const name of ['', 'a"} or {x="', 'A', '-a', 'a'.repeat(64)]) assert.deepEqual(await asked(url).usage(name), [])
  assert.deepEqual(queries, [])
})

const HOSTILE: readonly [what: string, result: readonly unknown[]][] = [
  ['NaN', [series('NaN')]],
  ['infinite', [series('+Inf')]],
  ['negative', [series('-1')]],
  ['empty', [series('')]],
  ['words', [series('a lot')]],
  ['a number and no text', [{ metric: { pod: POD, container: 'app' }, value: [1, 7] }]],
  ['absurd', [series('1e300')]],
  ['no labels', [series('1', {}), { value: [1, '1'] }, null, 'x', 7, []]],
  ['labels of another type', [series('1', { pod: 7, container: {} })]],
]

for (const [what, result] of HOSTILE)
  test(`an answer that is ${what} is no use at all`, async (context) => {
    const { url } = await prometheus(context, (query, _request, response) =>
      vector(response, query.startsWith('quantile') ? result : [series(figure(query))]),
    )
    assert.deepEqual(await asked(url).usage('shop'), [])
  })

const REFUSALS: readonly [what: string, answer: PrometheusAnswer, message: RegExp][] = [
  [
    'an error',
    (_q, _r, response) => void response.writeHead(422).end('{"status":"error","error":"too\\u001b[31m many samples"}'),
    /it answers: too \[31m many samples/,
  ],
  ['no token', (_q, _r, response) => void response.writeHead(401).end('no'), /401: the token is missing or not enough/],
  ['a page', (_q, _r, response) => void response.end('<html>hello</html>'), /not valid JSON|Unexpected token/],
  ['cut off', (_q, _r, response) => void response.end('{"status":"success","data":{"result":[{"metric"'), /cut off/],
  ['something else', (_q, _r, response) => void response.end('{"status":"success?"}'), /not what Prometheus answers/],
  [
    'a redirect',
    (_q, _r, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    /redirect/,
  ],
  [
    'too many series',
    (_q, _r, response) =>
      vector(
        response,
        Array.from({ length: 100_001 }, (_, at) => series('1', { pod: `p${at}`, container: 'a' })),
      ),
    /more than 100000 series/,
  ],
  ['endless', (_q, _r, response) => endless(response), /longer than 64 MiB/],
]

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(2 ** 20, 0x20)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

for (const [what, answer, message] of REFUSALS)
  test(`refuses ${what}`, async (context) => {
    let reached = 0
    const { url } = await prometheus(context, (query, request, response) => {
      reached++
      answer(query, request, response)
    })
    await assert.rejects(asked(url).usage('shop'), message)
    assert.equal(reached, 1)
  })

test('gives up on a server that says nothing, after a minute', async (context) => {
  const clock = new VirtualClock(NOW)
  let reached = (): void => undefined
  const arrived = new Promise<void>((resolve) => (reached = resolve))
  const { url } = await prometheus(context, () => reached())
  const failed = assert.rejects(asked(url, { clock }).usage('shop'), /no answer for 60 s/)
  await arrived
  await clock.advance(MINUTE)
  await failed
})

test('sends the token that is in the file now', async (context) => {
  const home = mkdtempSync(join(tmpdir(), 'dogwatch-'))
  context.after(() => rmSync(home, { recursive: true }))
  const file = join(home, 'token')
  const tokens = new Set<string | undefined>()
  const { url } = await prometheus(context, (_query, request, response) => {
    tokens.add(request.headers.authorization)
    vector(response, [])
  })
  for (const token of ['one\n', 'two']) {
    writeFileSync(file, token)
    await asked(url, { bearerTokenFile: file }).usage('shop')
  }
  assert.deepEqual([...tokens], ['Bearer one', 'Bearer two'])
})

test('what is learnt gives a firm verdict at once; when the server is down samples go on, and it says so once', async (context) => {
  let down = false
  const { url } = await prometheus(context, (query, _request, response) => {
    if (down) response.destroy()
    else vector(response, [series(figure(query)), series('9', { pod: 'gone', container: 'app' })])
  })
  const clock = new VirtualClock(NOW)
  const memory = new Memory()
  const { all } = cart([{ status: { ready: true, state: running('9h') } }], { created: ago('20d') })
  const snapshot = snapshotOf(all)
  const said: [string, Fields | undefined][] = []
  const log = (event: string, fields?: Fields): void => void said.push([event, fields])
  const touched: string[] = []
  const source = new PrometheusSource({
    url,
    clock,
    logger: { ...SILENT, info: log, warn: log },
    windowMs: 14 * DAY,
    everyMs: 6 * HOUR,
    namespaces: () => ['shop', 'till', 'bank', 'post'],
    learn: (usage) => touched.push(...memory.learn(usage, snapshot)),
  })
  const { signal } = new AbortController()
  await source.round(signal)
  assert.ok(touched.includes('owner/Deployment/shop/cart/app'))
  const usage = memory.owner('Deployment/shop/cart/app')?.usage
  assert.ok(usage)
  const { cpuP95Cores, coverage, pods, samples, weekend } = usage
  assert.deepEqual(
    [usage.source, pods, samples, weekend, cpuP95Cores, coverage],
    ['prometheus', 1, 20_160, true, 0.1, 1],
  )
  assert.ok(!('cpuThrottledPart' in usage))
  assert.equal(source.status.answeredAt, NOW)
  assert.equal(source.status.problem, undefined)
  down = true
  await source.round(signal)
  await source.round(signal)
  assert.match(source.status.problem ?? '', /^http:\/\/127\.0\.0\.1:\d+: /)
  assert.deepEqual(
    said.map(([event]) => event),
    ['prometheus answered', 'prometheus does not answer; samples of metrics.k8s.io go on'],
  )
  const meter = new Meter(memory, all)
  meter.steady({ from: NOW, to: NOW + 27 * HOUR, every: 10 * MINUTE }, { cpu: 0.2, memory: MI })
  assert.equal(memory.owner('Deployment/shop/cart/app')?.usage?.source, 'metrics-api')
})

test('asks again: after the time that is set when it was answered, sooner when not', async (context) => {
  let down = false
  const { url, queries } = await prometheus(context, (_query, _request, response) => {
    if (down) response.destroy()
    else vector(response, [])
  })
  const times: number[] = []
  const stop = new AbortController()
  const clock = {
    now: () => NOW,
    after: (ms: number, call: () => void) => {
      if (ms !== MINUTE) {
        times.push(ms)
        down = !down
        if (times.length === 3) stop.abort(new Error('enough'))
        else queueMicrotask(call)
      }
      return () => undefined
    },
  }
  const more = { logger: SILENT, windowMs: DAY, everyMs: 6 * HOUR, namespaces: () => ['shop'], learn: () => undefined }
  await assert.rejects(new PrometheusSource({ url, clock, ...more }).run(stop.signal), /enough/)
  assert.deepEqual(times, [6 * HOUR, 5 * MINUTE, 6 * HOUR])
  assert.ok(queries.length > FIGURES.length)
})
