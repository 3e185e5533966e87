import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { KINDS, type Kind } from '../../src/cluster/kinds.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { kubeconfig, Scratch } from '../support/kubeconfigs.ts'
import { dogwatch } from '../support/program.ts'
import { RealServer } from '../support/real-server.ts'
import { RecordingProxy } from '../support/recording-proxy.ts'

// A namespace goes slowly: a run that follows another must not meet the one before.
const HOME = `dogwatch-e2e-${process.pid}`
const server = new RealServer()
const scratch = new Scratch()
let proxy: RecordingProxy

const RBAC = 'rbac.authorization.k8s.io'
const core = (path: string): string => `/api/v1/namespaces/${HOME}/${path}`
const rbac = (path: string): string => `/apis/${RBAC}/v1/${path}`

interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

/** The right to read kinds, and nothing else. */
const reading = (kinds: readonly Kind[]): PolicyRule[] =>
  kinds.map(({ resource }) => {
    const [plural = '', ...group] = resource.split('.')
    return { apiGroups: [group.join('.')], resources: [plural], verbs: ['get', 'list', 'watch'] }
  })

/** What may own pods and is none of the kinds that facts are read from. */
const OWNERS: PolicyRule = { apiGroups: [''], resources: ['replicationcontrollers'], verbs: ['get', 'list', 'watch'] }
const BLINDFOLD = new Set<string>(['events', 'nodes'])

interface Right {
  readonly where: 'everywhere' | 'here'
  readonly rules: PolicyRule[]
}

/** Who scans, and what each may read. */
const READERS: Readonly<Record<string, Right>> = {
  everything: { where: 'everywhere', rules: [OWNERS, ...reading(KINDS)] },
  blindfold: {
    where: 'everywhere',
    rules: [OWNERS, ...reading(KINDS.filter(({ resource }) => !BLINDFOLD.has(resource)))],
  },
  here: { where: 'here', rules: [OWNERS, ...reading(KINDS.filter(({ namespaced }) => namespaced))] },
}

const config = (reader: string): string => `${scratch.path}/${reader}`

async function admit(reader: string, { where, rules }: Right): Promise<void> {
  const name = `${HOME}-${reader}`
  const [kind, at] = where === 'here' ? ['Role', `namespaces/${HOME}/`] : ['ClusterRole', '']
  const subjects = [{ kind: 'ServiceAccount', name, namespace: HOME }]
  await server.create(core('serviceaccounts'), { metadata: { name } })
  await server.create(rbac(`${at}${kind.toLowerCase()}s`), { metadata: { name }, rules })
  await server.create(rbac(`${at}${kind.toLowerCase()}bindings`), {
    metadata: { name },
    roleRef: { apiGroup: RBAC, kind, name },
    subjects,
  })
  const granted = await server.create(core(`serviceaccounts/${name}/token`), { spec: { expirationSeconds: 3600 } })
  const { token } = granted['status'] as { token: string }
  scratch.write(reader, kubeconfig({ server: proxy.url }, { token }))
}

async function remove(): Promise<void> {
  await server.send({ method: 'DELETE', path: `/api/v1/namespaces/${HOME}` })
  const names = Object.keys(READERS).map((reader) => `${HOME}-${reader}`)
  for (const kind of ['clusterroles', 'clusterrolebindings'])
    for (const name of names) await server.send({ method: 'DELETE', path: rbac(`${kind}/${name}`) })
}

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
  for (const [reader, right] of Object.entries(READERS)) await admit(reader, right)
  await breakThings()
})

after(async () => {
  await remove()
  await proxy[Symbol.asyncDispose]()
  scratch[Symbol.dispose]()
})

const PATIENCE = 2 * 60_000

/** Scans until what is looked for is there, or patience is at its end; each time something has happened in the namespace. */
async function scanUntil(reader: string, there: (envelope: Envelope) => boolean): Promise<Outcome> {
  const deadline = Date.now() + PATIENCE
  for (;;) {
    const outcome = await scanAs(reader)
    if (there(outcome.envelope) || Date.now() > deadline) return outcome
    await server.change(core('events'))
  }
}

interface Outcome {
  readonly code: number | null
  readonly envelope: Envelope
}

async function scanAs(reader: string, args: readonly string[] = []): Promise<Outcome> {
  const { code, out, error } = await dogwatch(['scan', '-o', 'json', '--kubeconfig', config(reader), ...args])
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
