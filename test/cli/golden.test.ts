import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { run } from '../../src/cli/program.ts'
import type { RuleView } from '../../src/cli/services.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import type { ReplayResult } from '../../src/cli/daemon-services.ts'
import type { FreshnessView, Status } from '../../src/sinks/status.ts'
import { NOW } from '../support/build.ts'
import { recorder } from '../support/console.ts'
import { testDaemon } from '../support/daemon.ts'
import { statusOf } from '../support/served-api.ts'
import { BROKEN_SHOP, envelopeOf, fakeServices, finding } from '../support/envelopes.ts'

// What people read is kept in test/cli/golden, so that a change of it is seen where it is decided about.
const GOLDEN = join(import.meta.dirname, 'golden')
const UPDATE = process.env['UPDATE_GOLDEN'] === '1'

function holds(name: string, text: string): void {
  const file = join(GOLDEN, name)
  if (UPDATE) writeFileSync(file, text)
  const wanted = existsSync(file) ? readFileSync(file, 'utf8') : ''
  assert.equal(text, wanted, `${name} is not what it was; if it should be so, \`npm run update\` writes it anew`)
}

/** What scans of real faults gave, as JSON. */
const recorded = (name: string): Envelope =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'envelopes', `${name}.json`), 'utf8')) as Envelope

const QUIET: Envelope = envelopeOf([])
const DOUBTFUL: Envelope = { ...BROKEN_SHOP, items: BROKEN_SHOP.items.filter(({ state }) => state === 'suppressed') }
const ENVELOPES: Readonly<Record<string, Envelope>> = {
  shop: BROKEN_SHOP,
  quiet: QUIET,
  doubtful: DOUBTFUL,
  many: envelopeOf(
    ['cart', 'web', 'api', 'mail', 'db'].map((name) =>
      finding({
        id: `no-requests-${name}`,
        rule: { id: 'no-requests', version: 'sha256:ee' },
        severity: 'info',
        target: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name, uid: name },
      }),
    ),
  ),
  'rollout-stuck': recorded('rollout-stuck'),
  'owned-argocd': recorded('owned-argocd'),
  'over-provisioned': recorded('over-provisioned'),
  'node-lost': recorded('node-lost'),
}

const RULES: readonly RuleView[] = [
  {
    id: 'quota-full',
    version: 'sha256:01',
    file: 'rules/quota-full.json',
    shipped: true,
    subjects: ['quota'],
    severity: 'low',
    category: 'scaling',
    recommend: [],
    inhibits: [],
    runbook: 'docs/runbooks/quota-full.md',
    source: '{\n  "id": "quota-full"\n}\n',
  },
  {
    id: 'crash-loop',
    version: 'sha256:02',
    file: 'rules/crash-loop.json',
    shipped: true,
    subjects: ['container', 'pod', 'workload', 'job', 'cronjob', 'namespace', 'webhook'],
    severity: 'critical',
    category: 'health',
    recommend: ['rollback-workload', 'quarantine-workload'],
    inhibits: [{ rule: 'not-ready', via: 'same-target' }],
    runbook: 'docs/runbooks/crash-loop.md',
    source: '{\n  "id": "crash-loop",\n\t"title": "a tab and \u001B[31m"\n}\n',
  },
]

const PAGE = `# crash-loop

A container starts, ends, and is started again, **over and over**, with \`CrashLoopBackOff\` or without it; see
[the field](docs/field.md) and [Kubernetes](https://kubernetes.io/docs).

## What to look at

| last run | look first at |
| --- | --- |
| exited with 1, or with 2\\|3 | the log of the run before, which is kept until the container starts once more and ends once more |

- the last words: \`kubectl logs\`
- what changed, which is
  often enough
1. first

\`\`\`sh
kubectl -n NS logs POD --previous
  --tail 20
\`\`\`
`

const CASES: [name: string, argv: string[], envelope: string, columns?: number][] = [
  ...Object.keys(ENVELOPES).map((name): [string, string[], string] => [`${name}.table.txt`, ['scan'], name]),
  ['shop.table-60.txt', ['scan'], 'shop', 60],
  ['shop.table-80-dump.txt', ['scan', '-f', 'a/long/way/to/a/dump/of/the/shop.json'], 'shop', 80],
  ['shop.wide.txt', ['scan', '-o', 'wide'], 'shop'],
  ['shop.json', ['scan', '-o', 'json'], 'shop'],
  ['shop.yaml', ['scan', '-o', 'yaml'], 'shop'],
  ['shop.markdown.md', ['scan', '-o', 'markdown'], 'shop'],
  ['quiet.markdown.md', ['scan', '-o', 'markdown'], 'quiet'],
  ['rollout-stuck.markdown.md', ['scan', '-o', 'markdown'], 'rollout-stuck'],
  ['shop.explain.txt', ['explain', 'crash-loop'], 'shop'],
  ['shop.explain-pending.txt', ['explain', 'claim-pending'], 'shop', 80],
  ['shop.explain-inhibited.txt', ['explain', 'svc/cart'], 'shop'],
  ['shop.explain-suppressed.txt', ['explain', 'pvc/old'], 'shop'],
  ['rollout-stuck.explain.txt', ['explain', 'deployment/web'], 'rollout-stuck'],
  ['rollout-stuck.explain.json', ['explain', 'image-pull', '-o', 'json'], 'rollout-stuck'],
  ['rules-list.txt', ['rules', 'list'], 'quiet'],
  ['rules-list-60.txt', ['rules', 'list'], 'quiet', 60],
  ['rules-show.txt', ['rules', 'show', 'crash-loop'], 'quiet'],
  ['help.txt', ['--help'], 'quiet', 80],
]

for (const [name, argv, envelope, columns = 100] of CASES)
  test(`${name} is what dogwatch ${argv.join(' ')} prints`, async () => {
    const { io, out } = recorder({ columns })
    const services = fakeServices({
      envelope: ENVELOPES[envelope] ?? QUIET,
      rules: () => Promise.resolve({ rules: RULES, problems: [] }),
      runbook: (path) => Promise.resolve(path === finding().runbook ? PAGE : undefined),
    })
    await run(argv, { services, io, called: 'dogwatch' })
    holds(name, out())
  })

// ── of a daemon

const ISO = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
const kind = (resource: string, seed: Partial<FreshnessView> = {}): FreshnessView => ({
  resource,
  namespace: null,
  state: 'live',
  detail: '',
  objects: 12,
  syncedAt: ISO(NOW - 3_600_000),
  heardAt: ISO(NOW - 12_000),
  continuousSince: ISO(NOW - 3_600_000),
  restarts: 7,
  relists: 0,
  missed: 0,
  malformed: 0,
  ...seed,
})

const WELL = statusOf({
  cluster: '6d4f7c1e-4c52-4f0e-9d3a-0a51f1c3b7aa',
  kinds: [
    kind('pods', { objects: 1204 }),
    kind('pods.metrics.k8s.io', { objects: 1198, restarts: 0 }),
    kind('validatingwebhookconfigurations.admissionregistration.k8s.io', { objects: 3 }),
    kind('volumesnapshots.snapshot.storage.k8s.io', { state: 'not-installed', objects: 0, heardAt: null }),
  ],
  counts: { objects: 2417, evaluations: 88_211, findings: { firing: 4, pending: 1, inhibited: 2, suppressed: 1 } },
  checkpoint: { path: '/var/lib/dogwatch/checkpoint.sqlite', savedAt: ISO(NOW - 40_000), problem: null },
})
const ILL = statusOf({
  ready: { synced: true, fresh: false, waitingFor: ['events: nothing heard for 3m'] },
  kinds: [
    kind('events', { state: 'stale', heardAt: ISO(NOW - 180_000), relists: 2 }),
    kind('pods', { namespace: 'shop' }),
    kind('pods', { namespace: 'data', state: 'forbidden', objects: 0, heardAt: null, continuousSince: null }),
    kind('nodes', { state: 'syncing', objects: 0, continuousSince: null }),
  ],
  blind: [
    { resource: 'events', reason: 'stale', detail: 'events: nothing heard for 3m' },
    { resource: 'pods', reason: 'forbidden', detail: 'pods is forbidden: User "me" cannot list in namespace data' },
  ],
  rules: {
    count: 41,
    version: 'sha256:5a17c0ffee5a17c0ffee',
    loadedAt: ISO(NOW - 600_000),
    problems: [{ file: 'mine/a.json', line: 3, column: 7, message: 'unknown fact "restrats"', kept: true }],
    disabled: [{ rule: 'slow', reason: 'needs more than its budget of steps' }],
    held: [{ rule: 'mine', version: 'sha256:aa', matched: 40, of: 41 }],
  },
  checkpoint: { path: '/data/c.sqlite', savedAt: null, problem: 'no space is left' },
})

const OF_A_DAEMON: [name: string, argv: string[], state: { status: Status; shop?: true }, columns?: number][] = [
  ['daemon.status.txt', ['status'], { status: WELL }],
  ['daemon.status-50.txt', ['status'], { status: WELL }, 50],
  ['daemon.status-ill.txt', ['status'], { status: ILL }],
  ['daemon.status.json', ['status', '-o', 'json'], { status: WELL }],
  ['daemon.findings.txt', ['findings'], { status: WELL, shop: true }],
  ['daemon.recommendations.txt', ['recommendations'], { status: WELL, shop: true }],
  ['daemon.watch.txt', ['watch', '--once'], { status: WELL, shop: true }],
  ['daemon.watch-60.txt', ['watch', '--once'], { status: ILL, shop: true }, 60],
  ['daemon.watch-quiet.txt', ['watch', '--once'], { status: WELL }],
]

for (const [name, argv, { status, shop }, columns = 100] of OF_A_DAEMON)
  test(`${name} is what dogwatch ${argv.join(' ')} prints`, async () => {
    await using daemon = await testDaemon({ status })
    const { scores, incomplete, unknown, items } = BROKEN_SHOP
    if (shop) daemon.find(items, { scores, incomplete, unknown })
    const { io, out } = recorder({ columns })
    await run([...argv, '--server', daemon.url], { services: fakeServices(), io, called: 'dogwatch' })
    holds(name, out().replaceAll(new URL(daemon.url).port, '18686'))
  })

// ── of a recording

const HISTORY: ReplayResult = {
  from: NOW - 600_000,
  to: NOW,
  changes: 318,
  history: [
    { at: NOW - 500_000, change: { before: undefined, finding: finding({ state: 'pending' }) } },
    { at: NOW - 400_000, change: { before: 'pending', finding: finding() } },
    { at: NOW - 400_000, change: { before: undefined, finding: finding({ id: 'not-ready-1', state: 'inhibited' }) } },
    { at: NOW - 90_000, change: { before: 'firing', finding: finding({ state: 'resolved', message: 'runs' }) } },
  ],
  envelope: envelopeOf([finding()]),
  looked: { objects: 41, kinds: 24 },
  problems: [],
  hints: [],
}

for (const [name, argv] of [
  ['replay.txt', ['replay', 'outage']],
  ['replay.json', ['replay', 'outage', '-o', 'json']],
] as const)
  test(`${name} is what dogwatch ${argv.join(' ')} prints`, async () => {
    const { io, out } = recorder()
    await run(argv, { services: fakeServices({ replay: () => Promise.resolve(HISTORY) }), io, called: 'dogwatch' })
    holds(name, out())
  })

test('a coloured report is the plain one with colours', async () => {
  const plain = recorder()
  const coloured = recorder({ colour: true })
  for (const { io } of [plain, coloured]) await run(['scan'], { services: fakeServices(), io, called: 'dogwatch' })
  assert.notEqual(coloured.out(), plain.out())
  assert.equal(stripVTControlCharacters(coloured.out()), plain.out())
})

test('every kept page is still made', () => {
  const made = [...CASES, ...OF_A_DAEMON].map(([name]) => name)
  assert.deepEqual(readdirSync(GOLDEN).toSorted(), [...made, 'replay.json', 'replay.txt'].toSorted())
})
