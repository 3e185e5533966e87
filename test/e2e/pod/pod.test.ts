import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { after, before, test } from 'node:test'
import type { FindingView } from '../../../src/sinks/envelope.ts'
import type { Status } from '../../../src/sinks/status.ts'
import { unmet, type Expected } from '../../support/expectations.ts'
import { ROOT } from '../../support/image.ts'
import { followLog, kubectl, kubectlJson, PortForward } from '../../support/kubectl.ts'
import { imageInCluster } from '../../support/pod-image.ts'
import { expectedOf } from '../../support/recordings.ts'

const HOME = 'dogwatch'
const PORT = 8686
const READERS = 'dogwatch-e2e-readers'
/** Faults that show within a minute. */
const SCENARIOS = ['oom', 'image-missing', 'pending-cpu']
const PATIENCE_MS = 4 * 60_000
/** A kubelet renews a mounted ConfigMap once a minute, of what it may have read a minute before. */
const RENEWAL_MS = 3 * 60_000

interface Answer {
  readonly status: number
  readonly text: string
}
interface Listing {
  readonly complete: boolean
  readonly items: readonly FindingView[]
  readonly restricted?: { readonly namespaces: readonly string[] }
}
interface PodView {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
  readonly status: { readonly containerStatuses: readonly { readonly restartCount: number; readonly ready: boolean }[] }
}

const scratch = mkdtempSync(join(tmpdir(), 'dogwatch-e2e-'))
const tokens = new Map<string, string>()
let forward: PortForward
let image = ''

/** Asks the daemon in its pod. Its certificate is one that it made itself; who it is, is not what is tried here. */
async function ask(path: string, token?: string): Promise<Answer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const options = { host: '127.0.0.1', port: forward.port, path, headers, rejectUnauthorized: false }
  const [response] = (await once(https.get(options), 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode ?? 0, text }
}

const tokenOf = (reader: string): string => {
  const token = tokens.get(reader)
  assert.ok(token, reader)
  return token
}

async function read<T>(path: string, reader = 'everything'): Promise<T> {
  const { status, text } = await ask(path, tokenOf(reader))
  assert.equal(status, 200, text)
  return JSON.parse(text) as T
}

/** Asks again until what is looked for is there, or patience is at its end. */
async function until<T>(look: () => Promise<T>, there: (seen: T) => boolean, ms: number): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const seen = await look()
    if (there(seen) || Date.now() > deadline) return seen
    await setTimeout(2000)
  }
}

async function pod(): Promise<PodView> {
  const { items } = (await kubectlJson('-n', HOME, 'get', 'pods', '-l', 'app.kubernetes.io/name=dogwatch')) as {
    items: [PodView]
  }
  assert.equal(items.length, 1)
  return items[0]
}

/** The base as it is, but for the name of the image. */
function overlay(): string {
  const [, newName, newTag] = /^(.*):([^:/]+)$/.exec(image) ?? []
  const base = relative(scratch, join(ROOT, 'deploy/base'))
  const images = [{ name: 'dogwatch', newName, newTag }]
  writeFileSync(join(scratch, 'kustomization.yaml'), JSON.stringify({ resources: [base], images }))
  return scratch
}

/** People who read: everything, one namespace, nothing; and one whose token is for another service. */
async function admitReaders(): Promise<void> {
  await kubectl('create', 'namespace', READERS)
  for (const name of ['everything', 'oom-only', 'nothing'])
    await kubectl('-n', READERS, 'create', 'serviceaccount', name)
  const reader = ['--clusterrole=dogwatch-reader']
  await kubectl('create', 'clusterrolebinding', READERS, ...reader, `--serviceaccount=${READERS}:everything`)
  await kubectl('-n', 'faults-oom', 'create', 'rolebinding', READERS, ...reader, `--serviceaccount=${READERS}:oom-only`)
  for (const name of ['everything', 'oom-only', 'nothing'])
    tokens.set(name, (await kubectl('-n', READERS, 'create', 'token', name, '--audience', 'dogwatch')).trim())
  tokens.set('other audience', (await kubectl('-n', READERS, 'create', 'token', 'everything')).trim())
}

before(async () => {
  image = imageInCluster(process.env)
  execFileSync('bash', [join(ROOT, 'test/scenarios/apply'), ...SCENARIOS], { stdio: 'inherit' })
  await kubectl('apply', '-k', overlay())
  await admitReaders()
  try {
    await kubectl('-n', HOME, 'rollout', 'status', 'deployment/dogwatch', '--timeout=120s')
  } catch (error) {
    console.error(await kubectl('-n', HOME, 'describe', 'pods'))
    console.error(await kubectl('-n', HOME, 'logs', 'deployment/dogwatch', '--tail=50').catch(String))
    throw error
  }
  forward = await PortForward.open(HOME, 'deployment/dogwatch', PORT)
})

after(async () => {
  await forward?.[Symbol.asyncDispose]()
  await kubectl('delete', '--ignore-not-found', '--wait=false', '-k', scratch)
  await kubectl('delete', '--ignore-not-found', 'clusterrolebinding', READERS)
  await kubectl('-n', 'faults-oom', 'delete', '--ignore-not-found', 'rolebinding', READERS)
  await kubectl('delete', '--ignore-not-found', '--wait=false', 'namespace', READERS)
  rmSync(scratch, { recursive: true })
})

test('it runs in a namespace that admits only what is restricted, as the image of the Dockerfile', async () => {
  const { spec, status } = await pod()
  assert.equal(spec.containers[0]?.image, image)
  assert.deepEqual(
    status.containerStatuses.map(({ restartCount, ready }) => [restartCount, ready]),
    [[0, true]],
  )
})

test('health needs no token; everything else does, and one that is made for dogwatch', async () => {
  assert.equal((await ask('/healthz')).status, 200)
  assert.equal((await ask('/readyz')).status, 200)
  assert.equal((await ask('/recommendations')).status, 401)
  assert.equal((await ask('/recommendations', 'nonsense')).status, 401)
  assert.equal((await ask('/recommendations', tokenOf('other audience'))).status, 401)
})

test('a token without the right is refused', async () => {
  const { status, text } = await ask('/recommendations', tokenOf('nothing'))
  assert.equal(status, 403)
  assert.match(text, /recommendations\.dogwatch\.io/)
})

for (const name of SCENARIOS)
  test(`scenario ${name} is found by whoever polls with a token`, async () => {
    const { findings } = expectedOf(name) as Expected
    const wanted = findings.map(({ name: _name, ...rest }) => rest)
    const missing = ({ items }: Listing): string[] => wanted.flatMap((want) => unmet(want, items))
    const path = `/recommendations?namespace=faults-${name}`
    const seen = await until(
      () => read<Listing>(path),
      (listing) => missing(listing).length === 0,
      PATIENCE_MS,
    )
    assert.deepEqual(missing(seen), [])
  })

test('who may read one namespace gets what is in it, and is told so', async () => {
  const { items, restricted } = await read<Listing>('/recommendations', 'oom-only')
  assert.deepEqual(restricted, { namespaces: ['faults-oom'] })
  assert.ok(items.length > 0)
  assert.deepEqual(new Set(items.map(({ target }) => target.namespace)), new Set(['faults-oom']))
})

test('the rights of the base suffice to see everything', async () => {
  const { complete } = await read<Listing>('/recommendations?limit=1')
  const { blind, checkpoint, mode } = await read<Status>('/status', 'everything')
  assert.deepEqual(
    blind.filter(({ reason }) => reason !== 'not-installed'),
    [],
  )
  assert.deepEqual([complete, mode, checkpoint.problem], [true, 'observe', null])
})

test('its rights are to read, and to ask about whoever asks; no Secret is among them', async () => {
  const me = ['--as', `system:serviceaccount:${HOME}:dogwatch`]
  // `pods/log` would ask for a pod of the name log.
  const may = async (verb: string, resource: string, part = ''): Promise<string> =>
    (
      await kubectl('auth', 'can-i', verb, resource, `--subresource=${part}`, '-A', ...me).catch(
        (error: { stdout: string }) => error.stdout,
      )
    ).trim()
  assert.equal(await may('list', 'pods'), 'yes')
  assert.equal(await may('create', 'tokenreviews.authentication.k8s.io'), 'yes')
  assert.equal(await may('get', 'pods', 'log'), 'no')
  assert.equal(await may('create', 'pods', 'exec'), 'no')
  for (const resource of ['secrets', 'configmaps']) assert.equal(await may('get', resource), 'no', resource)
  for (const verb of ['create', 'update', 'patch', 'delete'])
    assert.equal(await may(verb, 'deployments.apps'), 'no', verb)
})

const RULE = {
  id: 'e2e-live',
  subject: 'workload',
  severity: 'info',
  category: 'health',
  title: '{target} wants pods',
  conditions: { all: [{ fact: 'desiredPods', operator: 'greaterThanInclusive', value: 1 }] },
  for: '0s',
  explain: 'wants {desiredPods} pods',
  runbook: 'docs/runbooks/e2e-live.md',
  examples: { fires: [{ desiredPods: 1 }], quiet: [{ desiredPods: 0 }], unknown: [{}] },
}

test('a rule that is put into the ConfigMap is live without a restart', async () => {
  const began = await pod()
  const data = { 'live.json': JSON.stringify(RULE), 'bad.json': '{ "id": ' }
  await kubectl('-n', HOME, 'patch', 'configmap', 'dogwatch-rules', '--type=merge', '-p', JSON.stringify({ data }))
  const { items } = await until(
    () => read<Listing>('/recommendations?rule=e2e-live&namespace=dogwatch'),
    (seen) => seen.items.length > 0,
    RENEWAL_MS,
  )
  assert.deepEqual(
    items.map(({ target, state }) => [target.kind, target.name, state]),
    [['Deployment', 'dogwatch', 'firing']],
  )
  const { rules } = await read<Status>('/status')
  assert.match(rules.problems.map(({ file }) => file).join(' '), /bad\.json/)
  const { metadata, status } = await pod()
  assert.deepEqual([metadata.uid, status.containerStatuses[0]?.restartCount], [began.metadata.uid, 0])
})

test('a signal ends it within its grace, with its memory written', async () => {
  const { metadata } = await pod()
  const log = await followLog(HOME, metadata.name)
  await kubectl('-n', HOME, 'scale', 'deployment/dogwatch', '--replicas=0')
  await kubectl('-n', HOME, 'wait', '--for=delete', `pod/${metadata.name}`, '--timeout=25s')
  const written = await log.ended
  assert.match(written, /stopping/)
  assert.match(written, /"checkpoint":"written","event":"stopped"/)
})
