import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'

const OUT = 'dist'
const MAIN = 'dist/main.js'
const LICENCES = 'dist/LICENCES.txt'
const ASKED = 'asked'
const NO_CODEGEN = '--disallow-code-generation-from-strings'

// Bundled CommonJS packages call `require`, which an ES module does not have.
const BANNER = `#!/usr/bin/env -S node ${NO_CODEGEN}
import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)`

/** The folders of the packages that are in the bundle. */
function bundledPackages({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [])
  return [...new Set(folders)].toSorted()
}

/** What their licences ask of us: to pass on their words with their code. */
function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : ''
  return `${name} ${version} (${license})\n\n${text}\n`
}

const CLIENT = /\/@kubernetes\/client-node\/dist\//

// All of it is read for one class of it, and does not say that its modules do nothing by themselves: a model of each kind there is would
// be a tenth of what the daemon takes.
const onlyWhatIsUsed: Plugin = {
  name: 'only what is used',
  setup: (bundler) => {
    bundler.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      const isAsked = pluginData === ASKED
      if (isAsked || !(path.startsWith('@kubernetes/client-node') || CLIENT.test(`${from.resolveDir}/`)))
        return undefined
      const { sideEffects, ...found } = await bundler.resolve(path, { ...from, pluginData: ASKED })
      return { ...found, sideEffects: sideEffects && !CLIENT.test(found.path) }
    })
  },
}

rmSync(OUT, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outdir: OUT,
  bundle: true,
  plugins: [onlyWhatIsUsed],
  // What only some commands need (the Kubernetes client above all) is loaded when they do.
  splitting: true,
  // Beside main.js, one level below the rules: a chunk finds what ships with it by the same path as a source file.
  chunkNames: '[name]-[hash]',
  minifySyntax: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  // Some packages (jsonc-parser) have a UMD main that no bundler can follow; their module is plain.
  mainFields: ['module', 'main'],
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  banner: { js: BANNER },
  logLevel: 'warning',
})
chmodSync(MAIN, 0o755)
writeFileSync(
  LICENCES,
  bundledPackages(metafile)
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`),
)

/** Runs the packed program: what bundling breaks shows only there. */
const packed = (...args: string[]): string =>
  execFileSync(process.execPath, [NO_CODEGEN, MAIN, ...args], { encoding: 'utf8' })

packed('rules', 'check', 'rules')
const version = packed('--version')
console.log(`built ${MAIN}, which says ${version.trim()}`)
