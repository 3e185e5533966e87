import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Freshness } from '../../src/cluster/freshness.ts'
import { createMetrics, type MetricSources } from '../../src/sinks/metrics.ts'
import { finding } from '../support/envelopes.ts'
import { findingIn } from '../support/served-api.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')

const sources = (seed: Partial<MetricSources> = {}): MetricSources => ({
  now: () => NOON,
  findings: () => [],
  freshness: () => [],
  requests: () => [],
  checkpointAt: () => undefined,
  rules: () => ({ problems: 0, disabled: 0, held: 0 }),
  ...seed,
})

const freshness = (seed: Partial<Freshness> = {}): Freshness => ({
  resource: 'pods',
  namespace: undefined,
  state: 'live',
  detail: '',
  objects: 12,
  syncedAt: NOON,
  heardAt: NOON - 30_000,
  continuousSince: NOON,
  restarts: 3,
  relists: 1,
  missed: 0,
  malformed: 2,
  ...seed,
})

/** Lines of the text form, without help and types, of metrics whose names begin so. */
async function lines(given: Partial<MetricSources>, prefix: string, owners?: number): Promise<string[]> {
  const { text } = await createMetrics(sources(given), { process: false, owners }).render()
  return text.split('\n').filter((line) => line.startsWith(prefix))
}

test('findings are counted by rule, severity and state, and named by what they are about', async () => {
  const findings = () => [
    findingIn('shop', 'cart'),
    findingIn('shop', 'cart', { container: 'other' }),
    findingIn('data', 'db', { severity: 'low' }),
    finding({
      id: 'bare',
      target: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'debug-x7f2k', uid: 'u' },
    }),
  ]
  assert.deepEqual(await lines({ findings }, 'dogwatch_findings'), [
    'dogwatch_findings{rule="crash-loop",severity="critical",state="firing"} 3',
    'dogwatch_findings{rule="crash-loop",severity="low",state="firing"} 1',
  ])
  const infos = await lines({ findings }, 'dogwatch_finding_info{')
  assert.deepEqual(infos, [
    'dogwatch_finding_info{rule="crash-loop",severity="critical",state="firing",namespace="shop",kind="Deployment",name="cart"} 2',
    'dogwatch_finding_info{rule="crash-loop",severity="low",state="firing",namespace="data",kind="Deployment",name="db"} 1',
    'dogwatch_finding_info{rule="crash-loop",severity="critical",state="firing",namespace="shop",kind="Pod",name=""} 1',
  ])
})

test('owner labels are bounded, and what is left out is counted', async () => {
  const findings = () => Array.from({ length: 50 }, (_, i) => findingIn('shop', `w${i}`))
  assert.equal((await lines({ findings }, 'dogwatch_finding_info{', 20)).length, 20)
  assert.deepEqual(await lines({ findings }, 'dogwatch_finding_info_omitted', 20), ['dogwatch_finding_info_omitted 30'])
})

test('what is gone leaves no series behind', async () => {
  let findings = [findingIn('shop', 'cart')]
  const metrics = createMetrics(sources({ findings: () => findings }), { process: false })
  assert.match((await metrics.render()).text, /name="cart"/)
  findings = []
  assert.doesNotMatch((await metrics.render()).text, /name="cart"/)
})

test('how well kinds are watched', async () => {
  const given = { freshness: () => [freshness(), freshness({ resource: 'nodes', state: 'stale', heardAt: undefined })] }
  assert.deepEqual(await lines(given, 'dogwatch_watch_state'), [
    'dogwatch_watch_state{resource="pods",namespace="",state="live"} 1',
    'dogwatch_watch_state{resource="nodes",namespace="",state="stale"} 1',
  ])
  assert.deepEqual(await lines(given, 'dogwatch_watch_silence'), [
    'dogwatch_watch_silence_seconds{resource="pods",namespace=""} 30',
  ])
  for (const [name, count] of [
    ['restarts', 3],
    ['relists', 1],
    ['missed', 0],
    ['malformed', 2],
  ] as const)
    assert.deepEqual(
      (await lines(given, `dogwatch_watch_${name}_total`))[0],
      `dogwatch_watch_${name}_total{resource="pods",namespace=""} ${count}`,
    )
})

test('the checkpoint, the rules, and what was measured', async () => {
  const metrics = createMetrics(
    sources({
      checkpointAt: () => NOON,
      rules: () => ({ problems: 1, disabled: 2, held: 0 }),
      requests: () => [
        { resource: 'pods', verb: 'watch', outcome: '200', count: 2 },
        { resource: '/readyz', verb: 'read', outcome: 'refused', count: 1 },
      ],
    }),
    { process: false },
  )
  metrics.evaluated(0.003)
  metrics.found(0.2)
  metrics.answered({ route: '/findings/:id', method: 'GET', code: 404, seconds: 0.001 })
  const { text, contentType } = await metrics.render()
  assert.match(contentType, /^text\/plain/)
  for (const line of [
    `dogwatch_checkpoint_timestamp_seconds ${NOON / 1000}`,
    'dogwatch_rule_problems{problem="disabled"} 2',
    'dogwatch_evaluation_seconds_count 1',
    'dogwatch_event_to_finding_seconds_bucket{le="0.25"} 1',
    'dogwatch_event_to_finding_seconds_bucket{le="0.1"} 0',
    'dogwatch_apiserver_requests_total{resource="pods",verb="watch",outcome="200"} 2',
    'dogwatch_apiserver_requests_total{resource="/readyz",verb="read",outcome="refused"} 1',
    'dogwatch_http_requests_total{route="/findings/:id",method="GET",code="404"} 1',
    'dogwatch_http_request_seconds_count{route="/findings/:id"} 1',
  ])
    assert.ok(text.includes(`${line}\n`), line)
})

test('figures about the process are among them', async () => {
  const { text } = await createMetrics(sources()).render()
  assert.match(text, /^process_resident_memory_bytes \d/m)
  assert.match(text, /^nodejs_eventloop_lag_seconds /m)
})

const unquoted = (text: string): string =>
  text.replaceAll(/\\([\\"n])/g, (_, one: string) => (one === 'n' ? '\n' : one))

test('49: no name in a cluster can forge a metric, a label or a line', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      'x"} 1\nforged_metric{a="',
      '\\',
      '\\"',
      'a\\n',
      '"',
      '\u001b[2J',
      '\u202E',
      'x'.repeat(1000),
      '\uD800',
    ),
  )
  await fc.assert(
    fc.asyncProperty(hostile, hostile, async (name, namespace) => {
      const findings = () => [findingIn(namespace, name)]
      const given = { findings, freshness: () => [freshness({ resource: name, namespace })] }
      const { text } = await createMetrics(sources(given), { process: false }).render()
      for (const line of text.trimEnd().split('\n')) {
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
        assert.match(line, /^(?:# (?:HELP|TYPE) |dogwatch_)|^$/)
      }
      const info = text.split('\n').find((line) => line.startsWith('dogwatch_finding_info{')) ?? ''
      const parts = [...info.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label]) => label)
      assert.deepEqual(parts, ['rule', 'severity', 'state', 'namespace', 'kind', 'name'])
      const [, value = ''] = /,name="((?:[^"\\]|\\.)*)"\} 1$/.exec(info) ?? []
      assert.ok(unquoted(value).length <= 253)
    }),
    { numRuns: 60 },
  )
})
