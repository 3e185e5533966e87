import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

interface Entry {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Record<string, string>
}
type Packages = Record<string, Entry>

/** Optional packages without an entry of their own: with one missing, `npm ci` fails on every platform. */
function missing(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
      .map((name) => `${path} wants ${name}`),
  )
}

/** Copies below 11 evaluate script in a path. */
function oldJsonPaths(packages: Packages): string[] {
  return Object.entries(packages)
    .filter(([path, { version }]) => path.endsWith('/jsonpath-plus') && Number.parseInt(version ?? '', 10) < 11)
    .map(([path]) => path)
}

const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')
const { packages } = JSON.parse(text) as { packages: Packages }

test('the lockfile has an entry for every optional package of every platform', () => {
  assert.deepEqual(missing(packages), [])
})

test('the lockfile has no jsonpath-plus below 11, and has one', () => {
  assert.deepEqual(oldJsonPaths(packages), [])
  assert.ok('node_modules/jsonpath-plus' in packages)
})

test('the lockfile names no registry', () => {
  assert.deepEqual(
    Object.values(packages).flatMap(({ resolved }) => (resolved?.includes('://') ? [resolved] : [])),
    [],
  )
})

test('a lockfile made on one platform, or with an old jsonpath-plus, is refused', () => {
  const planted: Packages = {
    'node_modules/tool': { optionalDependencies: { 'tool-linux': '1.0.0', 'tool-darwin': '1.0.0' } },
    'node_modules/tool-linux': { version: '1.0.0' },
    'node_modules/x/node_modules/jsonpath-plus': { version: '10.3.0' },
  }
  assert.deepEqual(missing(planted), ['node_modules/tool wants tool-darwin'])
  assert.deepEqual(oldJsonPaths(planted), ['node_modules/x/node_modules/jsonpath-plus'])
})
