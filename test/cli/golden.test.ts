import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { run } from '../../src/cli/program.ts'
import type { RuleView } from '../../src/cli/services.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { recorder } from '../support/console.ts'
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
  ['demo.txt', ['demo', '--once'], 'shop'],
  ['help.txt', ['--help'], 'quiet', 80],
]

for (const [name, argv, envelope, columns = 100] of CASES)
  test(`${name} is what dogwatch ${argv.join(' ')} prints`, async () => {
    const { io, out } = recorder({ columns })
    const services = fakeServices({
      envelope: ENVELOPES[envelope] ?? QUIET,
      rules: () => Promise.resolve({ rules: RULES, problems: [] }),
      runbook: (path) => Promise.resolve(path === finding().runbook ? PAGE : undefined),
      demo: () => ({
        files: ['demo/shop.json'],
        complete: false,
        kubeconfig: undefined,
        context: undefined,
        namespaces: undefined,
      }),
    })
    await run(argv, { services, io, called: 'dogwatch' })
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
  assert.deepEqual(readdirSync(GOLDEN).toSorted(), CASES.map(([name]) => name).toSorted())
})
