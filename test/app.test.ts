import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createApp } from '../src/app.ts'
import { parseLabelSelector } from '../src/util/label-selector.ts'
import { UsageError, type ScanRequest, type ScanResult } from '../src/cli/services.ts'

const RECORDINGS = join(import.meta.dirname, 'recordings')
const home = mkdtempSync(join(tmpdir(), 'dogwatch-app-'))
after(() => rmSync(home, { recursive: true }))

let files = 0
/** Writes a file for one test and gives its path. */
function file(content: unknown, name = `${++files}.json`): string {
  const path = join(home, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return path
}

const app = createApp({
  env: {},
  stdin: ReadableStream.from([]),
  now: () => Date.parse('2026-11-21T12:00:00Z'),
  stop: new AbortController().signal,
})

const dumpOf = (...names: readonly string[]): string[] => names.map((name) => join(RECORDINGS, name, 'snapshot.json'))

interface Asked extends Partial<ScanRequest> {
  readonly dumps?: readonly string[]
  readonly namespaces?: readonly string[]
}

function scan({ dumps = dumpOf('crash-exit'), namespaces, ...request }: Asked = {}): Promise<ScanResult> {
  const source = { files: dumps, complete: false, kubeconfig: undefined, context: undefined, namespaces }
  const nothing = { selector: undefined, cluster: undefined, config: undefined, rules: [], at: undefined }
  return app.scan({ source, ...nothing, ...request }, () => {})
}

const visible = ({ envelope }: ScanResult): string[] =>
  envelope.items
    .filter(({ state }) => state === 'firing' || state === 'pending')
    .map(({ rule, severity, target }) => `${severity} ${rule.id} ${target.kind}/${target.name}`)

const CRASH = 'critical crash-loop Deployment/payments'

/** A scan with a configuration. */
const withConfig = (config: unknown): Promise<ScanResult> => scan({ config: file(config) })

const refused = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof UsageError)
  assert.match(error.message, pattern)
  return true
}

test('a dump goes through all rooms', async () => {
  const result = await scan()
  assert.deepEqual(visible(result), [CRASH])
  assert.deepEqual([result.problems, result.hints, result.envelope.complete], [[], [], true])
  assert.equal(result.envelope.generatedAt, '2026-11-21T12:09:28Z')
})

test('the name of the cluster is part of the ids of findings', async () => {
  const [plain, named, configured] = await Promise.all([
    scan(),
    scan({ cluster: 'prod' }),
    withConfig({ cluster: 'prod' }),
  ])
  assert.deepEqual([plain.envelope.cluster, named.envelope.cluster], ['dump', 'prod'])
  assert.notEqual(plain.envelope.items[0]?.id, named.envelope.items[0]?.id)
  assert.equal(named.envelope.items[0]?.id, configured.envelope.items[0]?.id)
})

test('the time can be given: what is dated from the dump is older then', async () => {
  const { envelope } = await scan({ at: Date.parse('2026-11-21T14:00:00Z') })
  assert.equal(envelope.generatedAt, '2026-11-21T14:00:00Z')
})

test('-n shows the findings of a namespace, -l those of targets with a label', async () => {
  const dumps = dumpOf('crash-exit', 'readiness')
  assert.deepEqual(visible(await scan({ dumps })), [CRASH, 'high probe-failing Deployment/profile'])
  assert.deepEqual(visible(await scan({ dumps, namespaces: ['faults-crash-exit'] })), [CRASH])
  assert.deepEqual(visible(await scan({ dumps, namespaces: ['elsewhere'] })), [])
  assert.deepEqual(visible(await scan({ dumps, selector: parseLabelSelector('app=nobody') })), [])
})

test('overrides change severity and thresholds, and switch off, in their scope', async () => {
  const override = (more: object) => withConfig({ overrides: [{ rule: 'crash-loop', ...more }] })
  assert.deepEqual(visible(await override({ severity: 'low' })), [CRASH.replace('critical', 'low')])
  assert.deepEqual(visible(await override({ severity: 'low', namespaces: ['else*'] })), [CRASH])
  assert.equal(visible(await override({ disabled: true })).includes(CRASH), false)
})

test('a suppression hides with its reason', async () => {
  const { envelope } = await withConfig({
    suppressions: [{ rules: ['*'], namespaces: ['faults-*'], reason: 'a game day' }],
  })
  assert.ok(envelope.items.length > 0)
  for (const { state, suppressedBy } of envelope.items)
    assert.deepEqual([state, suppressedBy], ['suppressed', { by: 'config', reason: 'a game day', until: null }])
})

test('what is installed and granted decides what would be done', async () => {
  const [{ envelope: plain }, { envelope: granted }] = await Promise.all([
    scan(),
    withConfig({
      capabilities: [{ action: 'quarantine-workload', namespaces: ['faults-*'] }],
      policy: { level: 'L4' },
    }),
  ])
  const decisions = [plain, granted].map(({ items }) =>
    items.flatMap((item) =>
      item.recommendations.map(({ action, decision }) => [action, decision.verdict, decision.reason]),
    ),
  )
  assert.deepEqual(decisions, [
    [['quarantine-workload', 'hold', 'capability-not-installed']],
    [['quarantine-workload', 'act', 'permitted']],
  ])
})

test('a configuration is refused with every fault, its place and the nearest right name', async () => {
  await assert.rejects(
    withConfig('{\n  "polcy": {},\n  "policy": { "level": "L9" }\n}'),
    refused(/:2:3: unknown key "polcy"; did you mean "policy"\?\n.*:3:24: unknown "L9"/),
  )
  await assert.rejects(
    withConfig('{\n  "overrides": [{ "rule": "crash-lop", "disabled": true }]\n}'),
    refused(/:2:\d+: unknown rule "crash-lop"; did you mean "crash-loop"\?/),
  )
  await assert.rejects(withConfig({ suppressions: [{ rules: ['x'] }] }), refused(/"reason" is missing/))
  await assert.rejects(withConfig('{'), refused(/:1:\d+: /))
  await assert.rejects(scan({ config: join(home, 'none.json') }), refused(/none\.json: no such file/))
})

test('a dump that is none is refused', async () => {
  await assert.rejects(scan({ dumps: [file('{"kind": "Config"}')] }), refused(/no apiVersion or kind/))
  await assert.rejects(scan({ dumps: [file('nonsense')] }), refused(/not JSON/))
  await assert.rejects(scan({ dumps: [join(home, 'none')] }), refused(/no such file/))
})

const RULE = {
  id: 'any-pod',
  subject: 'pod',
  severity: 'info',
  category: 'health',
  title: '{subject} is there',
  conditions: { all: [{ fact: 'podDeleting', operator: 'equal', value: false }] },
  explain: 'it is not being deleted',
  recommend: [],
  runbook: 'https://wiki.example/any-pod',
  examples: { fires: [{ podDeleting: false }], quiet: [{ podDeleting: true }], unknown: [{}] },
}

test('a rule of the user’s own is run beside the shipped ones; a bad file takes no other down', async () => {
  const good = file(RULE, 'any-pod.json')
  const bad = file({ ...RULE, id: 'other', severity: 'grave' }, 'other.json')
  const result = await scan({ rules: [good, bad] })
  assert.deepEqual(visible(result), [CRASH, 'info any-pod Deployment/payments'])
  assert.deepEqual(
    result.problems.map((problem) => [problem.file, /"grave" is not one of/.test(problem.message)]),
    [[bad, true]],
  )
})

test('rules check speaks of the files that were named, and lets them name shipped rules', async () => {
  const fine = file({ ...RULE, id: 'fine', inhibits: [{ rule: 'crash-loop', via: 'same-pod' }] }, 'fine.json')
  const taken = file({ ...RULE, id: 'crash-loop' }, 'taken.json')
  const { rules, problems } = await app.check([fine, taken])
  assert.deepEqual([rules.map(({ id }) => id), problems.map((problem) => problem.file)], [['fine'], [taken]])
})

test('rules list tells shipped rules from others, each with its source', async () => {
  const { rules } = await app.rules([file(RULE, 'any-pod.json')])
  assert.deepEqual(
    rules.filter(({ shipped }) => !shipped).map(({ id, source }) => [id, source]),
    [['any-pod', JSON.stringify(RULE, null, 2)]],
  )
  assert.equal(rules.filter(({ shipped }) => shipped).length, 28)
})

test('a runbook ships for each rule, and no other file is read by that name', async () => {
  assert.match((await app.runbook('docs/runbooks/crash-loop.md')) ?? '', /^# crash-loop/)
  assert.equal(await app.runbook('docs/runbooks/../../package.json'), undefined)
  assert.equal(await app.runbook('docs/runbooks/none.md'), undefined)
  assert.equal(await app.runbook('/etc/passwd'), undefined)
})
