import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { imageOf, ROOT, stagesOf } from '../support/image.ts'
import { loadArguments, sourceOf } from '../support/pod-image.ts'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const dockerfile = read('Dockerfile')
const image = imageOf()
const stages = stagesOf(dockerfile)
const about = JSON.parse(read('package.json')) as { files: string[] }

test('the Dockerfile says no more than the reader of it understands', () => {
  const understood = new Set(['FROM', 'WORKDIR', 'COPY', 'RUN', 'USER', 'ENV', 'ENTRYPOINT', 'CMD'])
  const lines = dockerfile.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  assert.deepEqual(
    lines.filter((line) => !understood.has(line.split(' ')[0] ?? '') || line.endsWith('\\')),
    [],
  )
})

test('the image starts the program so that no text becomes code, and with a heap of its container', () => {
  const [node, ...flags] = image.entrypoint
  assert.equal(node, '/usr/local/bin/node')
  assert.deepEqual(flags, [
    '--disallow-code-generation-from-strings',
    '--max-old-space-size-percentage=60',
    '--max-semi-space-size=8',
    '/app/dist/main.js',
  ])
  assert.deepEqual(image.command, ['run', '--config', '/etc/dogwatch/config.json'])
})

test('the image runs as a user with a number that is not root', () => {
  assert.match(image.user, /^[1-9]\d*:[1-9]\d*$/)
})

test('the image holds the program and what it reads, and nothing of the build', () => {
  assert.deepEqual(
    image.files.map(({ to }) => to),
    ['/usr/local/bin/node', '/app/package.json', '/app/LICENSE', '/app/docs/runbooks', '/app/rules', '/app/dist'],
  )
  const shipped = about.files.map((path) => join(image.workdir, path))
  const left = shipped.filter((path) => !image.files.some(({ to }) => to === path))
  // For editors: of no use in a cluster.
  assert.deepEqual(left, ['/app/schema'])
})

test('the last stage runs nothing: there is no shell in it', () => {
  assert.deepEqual(
    stages.at(-1)?.filter(({ word }) => word === 'RUN'),
    [],
  )
})

test('the image is built with scripts of packages off, from a lockfile', () => {
  const runs = stages[0]?.filter(({ word }) => word === 'RUN').map(({ rest }) => rest)
  assert.deepEqual(runs, ['npm ci --ignore-scripts', 'npm run build'])
})

test('the image has the Node.js that comes with the clone', () => {
  const { version } = JSON.parse(read('tools/node24/package.json')) as { version: string }
  assert.equal(stages[0]?.[0]?.rest, `node:${version}-bookworm-slim AS build`)
})

test('no image moves under its name to another line of Debian or Node.js', () => {
  const bases = stages.map(([from]) => from?.rest.split(' ')[0])
  assert.deepEqual(bases, [stages[0]?.[0]?.rest.split(' ')[0], 'gcr.io/distroless/cc-debian12:nonroot'])
})

test('everything that is copied exists and passes .dockerignore, and little else does', () => {
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  const copies = stages.flatMap((stage) =>
    stage.filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from=')),
  )
  const sources = copies.flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  const covered = (path: string): boolean => allowed.some((one) => path === one || path.startsWith(`${one}/`))
  assert.deepEqual(
    sources.filter((path) => !covered(path) || !existsSync(join(ROOT, path))),
    [],
  )
  assert.deepEqual(
    allowed.filter((path) => !sources.some((source) => source === path || path.startsWith(`${source}/`))),
    [],
  )
  assert.match(read('.dockerignore'), /^\*$/m)
})

test('the image that CI makes is told the user, the entrypoint and the flags of the Dockerfile, and gets its files', () => {
  const rest = ['--env', 'NODE_ENV=production', '--user', '65532:65532', '--workdir', '/app']
  const words = image.entrypoint.flatMap((word) => ['--entrypoint', word])
  const told = ['dogwatch.test/dogwatch:e2e', '/root', ...words]
  const command = ['--cmd', 'run', '--cmd', '--config', '--cmd', '/etc/dogwatch/config.json']
  assert.deepEqual(loadArguments(image, '/root'), [...told, ...command, ...rest])
  const sources = image.files.map((file) => [sourceOf(file)?.slice(ROOT.length + 1), file.to])
  assert.deepEqual(sources, [
    [undefined, '/usr/local/bin/node'],
    ['package.json', '/app/package.json'],
    ['LICENSE', '/app/LICENSE'],
    ['docs/runbooks', '/app/docs/runbooks'],
    ['rules', '/app/rules'],
    ['dist', '/app/dist'],
  ])
})
