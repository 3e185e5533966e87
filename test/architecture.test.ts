import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { test } from 'node:test'

const ROOMS = ['util', 'cluster', 'facts', 'engine', 'findings', 'policy', 'remediation', 'sinks', 'store']
const DOORS = new Set(['api', 'cli', 'advisor'])
const PURE = new Set(['facts', 'engine', 'findings', 'policy'])
const DOOR_KEEPERS = new Set(['main.ts', 'app.ts', 'inputs.ts', 'outlet.ts', 'replay.ts', 'running.ts'])
const WRITER_USERS = new Set(['cluster', 'remediation', 'store', 'sinks', 'app.ts'])
const ADVISOR_SEES = new Set(['findings', 'policy'])
const HOMES: Record<string, string[]> = {
  '@bufbuild/protobuf': ['cluster'],
  '@kubernetes/client-node': ['cluster'],
  '@hono/node-server': ['api', 'simulator'],
  hono: ['api', 'simulator'],
  openai: ['advisor/providers'],
  'json-rules-engine': ['engine'],
  commander: ['cli'],
  'node:sqlite': ['store'],
  pino: ['util'],
  'prom-client': ['sinks'],
}
const IMPURE =
  /\bDate\.now\b|\bDate\(\s*\)|\bMath\.random\b|\bperformance\.|\bcrypto\.|\bset(?:Timeout|Interval|Immediate)\(|\bqueueMicrotask\(|\bprocess\.|\bfetch\(|\bglobalThis\b|\.toLocale\w*\(|\.localeCompare\(/
const COMMENT = /^\s*\/\*[\s\S]*?\*\/|(?:^|\s)\/\/ .*$/gm
const IMPORT =
  /\b(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/g

type Files = Map<string, string>
interface Import {
  readonly spec: string
  readonly typeOnly: boolean
  readonly reexport: boolean
  /** Path below `src` of the file imported; '' for a library. */
  readonly target: string
}

/** The folder a file is in; a file at the root of `src` is its own. */
const roomOf = (file: string) => file.split('/')[0] ?? ''
const isRoot = (file: string) => !file.includes('/')
const codeOf = (text: string) => text.replaceAll(COMMENT, '')

function importsOf(file: string, text: string): Import[] {
  return [...codeOf(text).matchAll(IMPORT)].map(([, keyword, type, from, dynamic]) => {
    const spec = from ?? dynamic ?? ''
    const target = spec.startsWith('.') ? posix.join(posix.dirname(file), spec) : ''
    return { spec, typeOnly: type !== undefined, reexport: keyword === 'export', target }
  })
}

/** Whether a file of `util` may be used where the same input must always give the same answer. */
function isPure(file: string, files: Files): boolean {
  const text = files.get(file) ?? ''
  const allowed = (spec: string) => !isBuiltin(spec) || (file === 'util/hash.ts' && spec === 'node:crypto')
  const imports = importsOf(file, text)
  return !IMPURE.test(codeOf(text)) && imports.every((i) => allowed(i.spec) && (!i.target || isPure(i.target, files)))
}

interface Use extends Import {
  readonly file: string
  readonly here: string
  readonly there: string
  readonly files: Files
}
interface Law {
  readonly fault: string
  readonly broken: (use: Use) => boolean
}

function hasOtherHome({ file, spec }: Use): boolean {
  const [, homes] = Object.entries(HOMES).find(([name]) => spec === name || spec.startsWith(`${name}/`)) ?? []
  return homes !== undefined && !homes.some((home) => file.startsWith(`${home}/`))
}

/** What holds for every import. */
const LIBRARY_LAWS: Law[] = [
  { fault: 'library away from its home', broken: hasOtherHome },
  { fault: 'pure room imports a part of Node', broken: ({ here, spec }) => PURE.has(here) && isBuiltin(spec) },
  {
    fault: 'main.ts alone reads the process',
    broken: ({ file, spec }) => file !== 'main.ts' && /^(node:)?process$/.test(spec),
  },
]

/** What holds where one part of ours imports another. */
const BORDER_LAWS: Law[] = [
  {
    fault: 'later room',
    broken: ({ here, there }) => ROOMS.includes(here) && ROOMS.indexOf(there) > ROOMS.indexOf(here),
  },
  { fault: 'door', broken: ({ file, there }) => DOORS.has(there) && !DOOR_KEEPERS.has(file) },
  { fault: 'root of src', broken: ({ file, target }) => !isRoot(file) && (isRoot(target) || target.startsWith('../')) },
  { fault: 'only cli imports the simulator', broken: ({ here, there }) => there === 'simulator' && here !== 'cli' },
  { fault: 'the simulator imports only util', broken: ({ here, there }) => here === 'simulator' && there !== 'util' },
  {
    fault: 'pure room imports more than types of cluster',
    broken: ({ here, there, typeOnly }) => PURE.has(here) && there === 'cluster' && !typeOnly,
  },
  {
    fault: 'pure room imports what is not pure',
    broken: ({ here, there, target, files }) => PURE.has(here) && there === 'util' && !isPure(target, files),
  },
  {
    fault: 'writer imported by one that may not write',
    broken: ({ here, target }) => /^cluster\/writer\b/.test(target) && !WRITER_USERS.has(here),
  },
  {
    fault: 'advisor sees only types of findings and policy',
    broken: ({ here, there, typeOnly }) =>
      here === 'advisor' && there !== 'util' && !(typeOnly && ADVISOR_SEES.has(there)),
  },
]

function importFaults(file: string, imports: Import[], files: Files): string[] {
  return imports.flatMap((one) => {
    const use = { ...one, file, files, here: roomOf(file), there: roomOf(one.target) }
    const crosses = one.target !== '' && use.here !== use.there
    const laws = crosses ? [...LIBRARY_LAWS, ...BORDER_LAWS] : LIBRARY_LAWS
    return laws.filter(({ broken }) => broken(use)).map(({ fault }) => `${one.spec}: ${fault}`)
  })
}

function textFaults(file: string, text: string, imports: Import[]): string[] {
  const code = codeOf(text)
  const isRegistry = posix.basename(file) === 'index.ts' && /^export const \w+/m.test(code)
  const impure = PURE.has(roomOf(file)) ? IMPURE.exec(code)?.[0] : undefined
  const found: [fault: string, there: boolean][] = [
    [`pure room says ${impure}`, impure !== undefined],
    ['default export', /^export default\b|\bas default\b/m.test(code)],
    ['enum', /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+\s*\{/m.test(code)],
    ['barrel', imports.some(({ reexport }) => reexport) && !isRegistry],
    [
      'main.ts alone reads the process',
      file !== 'main.ts' && /\bprocess\.(?:argv|env|on|once)\b|=\s*process\s*$/m.test(code),
    ],
  ]
  return found.flatMap(([fault, there]) => (there ? [fault] : []))
}

function violations(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    const imports = importsOf(file, text)
    return [...textFaults(file, text, imports), ...importFaults(file, imports, files)].map(
      (fault) => `${file}: ${fault}`,
    )
  })
}

test('every file under src keeps the laws of import', () => {
  const src = new URL('../src/', import.meta.url)
  const paths = globSync('**/*.ts', { cwd: src }).map((path) => path.replaceAll('\\', '/'))
  assert.deepEqual(
    violations(new Map(paths.toSorted().map((path) => [path, readFileSync(new URL(path, src), 'utf8')]))),
    [],
  )
})

const SURROUNDINGS: [string, string][] = [
  ['util/hash.ts', "import { createHash } from 'node:crypto'"],
  ['util/clock.ts', 'export const now = () => Date.now()'],
  ['util/late.ts', "import { now } from './clock.ts'"],
]
const planted = (file: string, text: string) => violations(new Map([...SURROUNDINGS, [file, text]]))

const BAD: [file: string, text: string, fault: RegExp][] = [
  ['util/a.ts', "import { x } from '../cluster/x.ts'", /later room/],
  ['facts/a.ts', "import type { X } from '../engine/x.ts'", /later room/],
  ['policy/a.ts', "const x = await import('../store/x.ts')", /later room/],
  ['sinks/a.ts', "import {\n  x,\n  type Y,\n} from '../api/x.ts'", /door/],
  ['cli/a.ts', "import { x } from '../api/x.ts'", /door/],
  ['config.ts', "import { x } from './api/x.ts'", /door/],
  ['store/a.ts', "import { x } from '../config.ts'", /root of src/],
  ['store/a.ts', "import x from '../../package.json'", /root of src/],
  ['facts/a.ts', 'const t = Date.now()', /Date\.now/],
  ['engine/a.ts', 'const t = new Date()', /Date\(\)/],
  ['findings/a.ts', 'const t = setTimeout(f, 1)', /setTimeout/],
  ['policy/a.ts', 'names.sort((a, b) => a.localeCompare(b))', /localeCompare/],
  ['policy/a.ts', "import { readFileSync } from 'node:fs'", /part of Node/],
  ['policy/a.ts', "import { readFileSync } from 'fs'", /part of Node/],
  ['facts/a.ts', "import { x } from '../cluster/x.ts'", /more than types/],
  ['facts/a.ts', "import { now } from '../util/clock.ts'", /not pure/],
  ['facts/a.ts', "import { x } from '../util/late.ts'", /not pure/],
  ['policy/a.ts', "import type { W } from '../cluster/writer.ts'", /may not write/],
  ['api/a.ts', "import { W } from '../cluster/writer/patch.ts'", /may not write/],
  ['advisor/a.ts', "import { x } from '../policy/decide.ts'", /only types/],
  ['advisor/a.ts', "import type { X } from '../store/x.ts'", /only types/],
  ['api/a.ts', "import { KubeConfig } from '@kubernetes/client-node'", /away from its home/],
  ['cli/a.ts', "import { cors } from 'hono/cors'", /away from its home/],
  ['advisor/a.ts', "import { OpenAI } from 'openai'", /away from its home/],
  ['facts/a.ts', "import { Engine } from 'json-rules-engine'", /away from its home/],
  ['findings/a.ts', "import { DatabaseSync } from 'node:sqlite'", /away from its home/],
  ['simulator/a.ts', "import { x } from '../cluster/x.ts'", /imports only util/],
  ['app.ts', "import { x } from './simulator/x.ts'", /only cli/],
  ['cluster/a.ts', 'export default 1', /default export/],
  ['cluster/a.ts', 'export const enum Level { low }', /enum/],
  ['cluster/a.ts', "export * from './b.ts'", /barrel/],
  ['cluster/index.ts', "export { b } from './b.ts'", /barrel/],
  ['app.ts', "process.on('SIGTERM', stop)", /main\.ts alone/],
  ['app.ts', 'const level = process.env.LEVEL', /main\.ts alone/],
  ['cli/a.ts', "import { argv } from 'node:process'", /main\.ts alone/],
]

for (const [file, text, fault] of BAD) {
  test(`the laws refuse ${file}: ${text.replaceAll('\n', ' ')}`, () =>
    assert.match(planted(file, text).join('\n'), fault))
}

const GOOD: [file: string, text: string][] = [
  ['facts/a.ts', "import type { Pod } from '../cluster/pod.ts'\nimport { hash } from '../util/hash.ts'"],
  [
    'facts/a.ts',
    "// no Date.now() here\n/** not Math.random() either */\nconst see = 'http://fetch'\nconst d = new Date(at)",
  ],
  ['remediation/a.ts', "import { patch } from '../cluster/writer.ts'"],
  ['app.ts', "import { serve } from './api/serve.ts'\nimport { w } from './cluster/writer.ts'"],
  ['main.ts', "import { run } from './cli/run.ts'\nrun(process.argv, process.env)"],
  ['cli/a.ts', "import { start } from '../simulator/start.ts'\nimport { Command } from 'commander'"],
  ['sinks/index.ts', "import { log } from './log.ts'\nexport const sinks = [log]"],
]

for (const [file, text] of GOOD) {
  test(`the laws allow ${file}: ${text.replaceAll('\n', ' ')}`, () => assert.deepEqual(planted(file, text), []))
}

// The lint rule of the same name gives way to a comment that switches every rule off, itself included; a test does not.
const WAIVER = /(?:oxlint|eslint)-(?:disable|enable)|@ts-(?:ignore|expect-error|nocheck)\b/

test('no file waives a rule by comment', () => {
  const root = new URL('../', import.meta.url)
  const paths = globSync('{src,test,bench,tools}/**/*.{ts,js,cjs}', { cwd: root })
  assert.deepEqual(
    paths.filter((path) => WAIVER.test(readFileSync(new URL(path, root), 'utf8'))),
    [],
  )
  for (const word of ['oxlint-', 'eslint-']) assert.match(`/* ${word}disable */`, WAIVER)
  assert.match(['// @ts', 'ignore'].join('-'), WAIVER)
})
