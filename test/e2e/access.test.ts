import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { KINDS, type Kind } from '../../src/cluster/kinds.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { kubeconfig, Scratch } from '../support/kubeconfigs.ts'
import { dogwatch } from '../support/program.ts'
import { admit, dismiss, OWNERS, reading, type Reader } from '../support/readers.ts'
import { RealServer } from '../support/real-server.ts'
import { RecordingProxy } from '../support/recording-proxy.ts'

// A namespace goes slowly: a run that follows another must not meet the one before.
const HOME = `dogwatch-e2e-${process.pid}`
const server = new RealServer()
const scratch = new Scratch()
let proxy: RecordingProxy

const core = (path: string): string => `/api/v1/namespaces/${HOME}/${path}`

const BLINDFOLD = new Set<string>(['events', 'nodes'])

const reader = (name: string, kinds: readonly Kind[], namespaces?: readonly string[]): Reader => ({
  name: `${HOME}-${name}`,
  home: HOME,
  namespaces,
  rules: [OWNERS, ...reading(kinds)],
})

/** Who scans, and what each may read. */
const READERS: Readonly<Record<string, Reader>> = {
  everything: reader('everything', KINDS),
  blindfold: reader(
    'blindfold',
    KINDS.filter(({ resource }) => !BLINDFOLD.has(resource)),
  ),
  here: reader(
    'here',
    KINDS.filter(({ namespaced }) => namespaced),
    [HOME],
  ),
}

const config = (name: string): string => `${scratch.path}/${name}`

/** A claim of a class that nobody has, and a pod whose volume does not exist: one fault that a scan sees, one that only events tell. */
async function breakThings(): Promise<void> {
  const resources = { requests: { storage: '1Gi' } }
  const spec = { storageClassName: 'nobody-has-it', accessModes: ['ReadWriteOnce'], resources }
  await server.create(core('persistentvolumeclaims'), { metadata: { name: 'data' }, spec })
  const volumes = [{ name: 'conf', configMap: { name: 'not-there' } }]
  const containers = [{ name: 'app', image: 'busybox:1.36', volumeMounts: [{ name: 'conf', mountPath: '/conf' }] }]
  await server.create(core('pods'), { metadata: { name: 'waiting' }, spec: { volumes, containers } })
}

before(async () => {
  proxy = await RecordingProxy.start()
  await server.create('/api/v1/namespaces', { metadata: { name: HOME } })
  for (const [name, one] of Object.entries(READERS))
    scratch.write(name, kubeconfig({ server: proxy.url }, { token: await admit(server, one) }))
  await breakThings()
})

after(async () => {
  await server.send({ method: 'DELETE', path: `/api/v1/namespaces/${HOME}` })
  for (const one of Object.values(READERS)) await dismiss(server, one)
  await proxy[Symbol.asyncDispose]()
  scratch[Symbol.dispose]()
})

const PATIENCE = 2 * 60_000

/** Scans until what is looked for is there, or patience is at its end; each time something has happened in the namespace. */
async function scanUntil(name: string, there: (envelope: Envelope) => boolean): Promise<Outcome> {
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const outcome = await scanAs(name)
    if (there(outcome.envelope) || Date.now() > deadline) return outcome
    await server.change(core('events'))
  }
}

interface Outcome {
  readonly code: number | null
  readonly envelope: Envelope
}

async function scanAs(name: string, args: readonly string[] = []): Promise<Outcome> {
  const { code, out, error } = await dogwatch(['scan', '-o', 'json', '--kubeconfig', config(name), ...args])
  assert.ok(out.startsWith('{'), error)
  return { code, envelope: JSON.parse(out) as Envelope }
}

test('whoever may read what dogwatch reads scans everything, with nothing but reads, and no Secret', async () => {
  proxy.asked.length = 0
  const { code, envelope } = await scanAs('everything')
  assert.deepEqual([code, envelope.complete, envelope.incomplete], [0, true, []])
  assert.ok(proxy.asked.length <= 40, `${proxy.asked.length} requests`)
  assert.deepEqual(
    proxy.asked.filter((line) => !line.startsWith('GET ') || /\/(?:secrets|configmaps|serviceaccounts)\b/.test(line)),
    [],
  )
})

const openHere = ({ unknown }: Envelope) =>
  unknown.find(
    ({ rule, subjects }) => rule === 'mount-failed' && subjects.sample.some(({ namespace }) => namespace === HOME),
  )

test('a kind that may not be read is named, leaves open what needs it, and makes the scan incomplete', async () => {
  const { code, envelope } = await scanUntil('blindfold', (seen) => openHere(seen) !== undefined)
  assert.equal(code, 4)
  assert.deepEqual(
    envelope.incomplete.map(({ resource, reason }) => `${resource} ${reason}`),
    ['nodes forbidden', 'events forbidden'],
  )
  const open = openHere(envelope)
  assert.equal(open?.reason, 'forbidden')
  assert.match(open.detail ?? '', /events is forbidden: User/)
  assert.ok(!envelope.items.some(({ rule }) => rule.id === 'node-unhealthy'))
  const claim = envelope.items.find(({ rule, target }) => rule.id === 'claim-pending' && target.namespace === HOME)
  assert.match(claim?.message ?? '', /StorageClass nobody-has-it does not exist/)
})

test('with rights in one namespace that one can be scanned; what lies outside is named', async () => {
  const { code, envelope } = await scanAs('here', ['-n', HOME])
  assert.equal(code, 4)
  const outside = KINDS.filter(({ namespaced }) => !namespaced)
  assert.deepEqual(
    envelope.incomplete.map(({ resource }) => resource).toSorted(),
    outside.map(({ resource }) => resource).toSorted(),
  )
})

test('with rights in one namespace a scan of all says how to go on', async () => {
  const { code, out, error } = await dogwatch(['scan', '--kubeconfig', config('here')])
  assert.deepEqual([code, out], [1, ''])
  assert.match(error, /namespaces is forbidden/)
  assert.match(error, /-n NAMESPACE/)
})
