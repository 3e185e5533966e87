import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig, type Config } from '../../src/config.ts'
import { imageOf, ROOT } from '../support/image.ts'

const BASE = join(ROOT, 'deploy/base')
const read = (file: string): string => readFileSync(join(BASE, file), 'utf8')
const about = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

interface Probe {
  readonly httpGet: {
    readonly path: string
    readonly port: string
    readonly scheme: string
  }
}
interface Container {
  readonly name: string
  readonly image: string
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly securityContext: object
  readonly resources: { readonly requests: Readonly<Record<string, string>>; readonly limits: object }
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[]
}
interface PodSpec {
  readonly automountServiceAccountToken: boolean
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly containers: readonly Container[]
  readonly volumes: readonly {
    readonly name: string
    readonly projected?: {
      readonly sources: readonly { readonly serviceAccountToken?: { expirationSeconds: number } }[]
    }
  }[]
}
interface Deployment {
  readonly spec: { readonly replicas: number; readonly strategy: object; readonly template: { readonly spec: PodSpec } }
}

const { spec } = parse(read('deployment.yaml')) as Deployment
const pod = spec.template.spec
const [container] = pod.containers as [Container]

function configuration(): Config {
  const found = readConfig('config.json', read('config.json'))
  assert.ok('config' in found, JSON.stringify(found))
  return found.config
}
const config = configuration()

test('the namespace refuses what is not restricted', () => {
  const { metadata } = parse(read('namespace.yaml')) as { metadata: { labels: Record<string, string> } }
  assert.equal(metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted')
})

test('the pod is restricted: not root, no way up, nothing to write to but its checkpoint', () => {
  const [user, group] = imageOf().user.split(':').map(Number)
  const { runAsNonRoot, runAsUser, runAsGroup, seccompProfile } = pod.securityContext
  assert.deepEqual([runAsNonRoot, runAsUser, runAsGroup], [true, user, group])
  assert.deepEqual(seccompProfile, { type: 'RuntimeDefault' })
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  const writable = container.volumeMounts.filter((mount) => !('readOnly' in mount)).map(({ name }) => name)
  assert.deepEqual([pod.containers.length, writable], [1, ['checkpoint']])
})

test('no manifest names a Secret, a host or a privilege', () => {
  const texts = globSync('deploy/**/*.yaml', { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8'))
  assert.ok(texts.length >= 8)
  for (const text of texts)
    assert.doesNotMatch(text, /secret:|secretName|kind: Secret|hostPath|host(?:Network|PID|IPC)|privileged:/)
})

test('the token that the pod gets is not the one that lasts a year', () => {
  assert.equal(pod.automountServiceAccountToken, false)
  const projected = pod.volumes.find(({ name }) => name === 'token')?.projected
  assert.deepEqual(
    projected?.sources.flatMap(({ serviceAccountToken }) => serviceAccountToken?.expirationSeconds ?? []),
    [3600],
  )
})

test('there is one, and never two at a time', () => {
  assert.deepEqual([spec.replicas, spec.strategy], [1, { type: 'Recreate' }])
})

test('the configuration is mounted where the image looks for it', () => {
  const mount = container.volumeMounts.find(({ name }) => name === 'config')
  assert.equal(imageOf().command.at(-1), `${mount?.mountPath}/config.json`)
})

test('rules and the checkpoint are where the configuration says; rules are mounted so that a change arrives', () => {
  const at = (name: string) => container.volumeMounts.find((mount) => mount.name === name)
  assert.deepEqual(config.rules.directories, [at('rules')?.mountPath])
  assert.equal(at('rules')?.subPath, undefined)
  assert.ok(config.checkpoint.path?.startsWith(`${at('checkpoint')?.mountPath}/`))
})

test('port and probes are those of the configuration, over TLS', () => {
  const [port] = container.ports
  assert.equal(config.server.listen, `0.0.0.0:${port?.containerPort}`)
  const probes = { startupProbe: '/healthz', livenessProbe: '/healthz', readinessProbe: '/readyz' } as const
  for (const [name, path] of Object.entries(probes)) {
    const { httpGet } = container[name as keyof typeof probes]
    assert.deepEqual([httpGet.path, httpGet.port, httpGet.scheme], [path, port?.name, 'HTTPS'], name)
  }
})

test('reads ask for a token: the base opens nothing', () => {
  assert.deepEqual([config.server.openReads, config.capabilities], [false, []])
})

test('the service answers under the names that the configuration lets through', () => {
  const [service] = parseAllDocuments(read('service.yaml')).map(
    (document) => document.toJS() as { metadata: { name: string } },
  )
  const name = service?.metadata.name
  for (const host of [name, `${name}.dogwatch`, `${name}.dogwatch.svc`])
    assert.ok(config.server.hosts.includes(`${host}`))
})

test('the image has the version of the program', () => {
  const { images } = parse(read('kustomization.yaml')) as { images: readonly { name: string; newTag: string }[] }
  assert.deepEqual(images, [{ name: container.image, newTag: about.version }])
})

test('every file of the base is in its kustomization', () => {
  const { resources, configMapGenerator } = parse(read('kustomization.yaml')) as {
    resources: string[]
    configMapGenerator: { files?: string[] }[]
  }
  const named = [...resources, ...configMapGenerator.flatMap(({ files = [] }) => files), 'kustomization.yaml']
  assert.deepEqual(named.toSorted(), globSync('*', { cwd: BASE }).toSorted())
})
