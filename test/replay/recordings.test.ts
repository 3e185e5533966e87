import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApp } from '../../src/app.ts'
import { differences, type Expected } from '../support/expectations.ts'
import { shuffled, type DumpJson } from '../support/dumps.ts'
import { expectedOf, RECORDINGS, recordedJson } from '../support/recordings.ts'
import { scanDump } from '../support/scan-dump.ts'

const RUNS = 20
const ZONES = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns', 'Asia/Kathmandu']

/** Does something as if the machine stood elsewhere. */
async function inZone<T>(zone: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['TZ']
  process.env['TZ'] = zone
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
}

for (const name of RECORDINGS) {
  const dump = recordedJson(name) as DumpJson

  test(`recording ${name}: each fault once, on its owner, with its cause, and no other`, async () => {
    const { envelope } = await scanDump(dump)
    assert.deepEqual(differences(envelope.items, expectedOf(name) as Expected), [])
    const { never } = expectedOf(name) as { never?: string }
    if (never !== undefined) assert.doesNotMatch(JSON.stringify(envelope), new RegExp(never))
  })

  test(`recording ${name}: ${RUNS} runs give the same bytes, in any order of objects and at any place`, async () => {
    const outputs = new Set<string>()
    for (let run = 0; run < RUNS; run++) {
      const scan = () => scanDump(run === 0 ? dump : shuffled(dump, run))
      const { envelope } = await inZone(ZONES[run % ZONES.length] ?? 'UTC', scan)
      outputs.add(JSON.stringify(envelope))
    }
    assert.equal(outputs.size, 1)
  })
}

test('the program makes of a dump what these tests do', async () => {
  for (const name of ['rollout-stuck', 'over-provisioned', 'owned-argocd']) {
    const dump = recordedJson(name)
    const stdin = (async function* () {
      yield JSON.stringify(dump)
    })()
    const services = createApp({ env: {}, stdin, now: () => 0, stop: new AbortController().signal })
    const source = { files: ['-'], complete: false, kubeconfig: undefined, context: undefined, namespaces: undefined }
    const request = { source, selector: undefined, cluster: undefined, config: undefined, rules: [], at: undefined }
    const { envelope } = await services.scan(request, () => undefined)
    assert.equal(JSON.stringify(envelope), JSON.stringify((await scanDump(dump)).envelope))
  }
})
