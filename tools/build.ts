import { chmod, rm } from 'node:fs/promises'
import { build } from 'esbuild'

const OUT = 'dist/main.js'

// Bundled CommonJS packages call `require`, which an ES module does not have.
const BANNER = `#!/usr/bin/env -S node --disallow-code-generation-from-strings
import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)`

await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: ['src/main.ts'],
  outfile: OUT,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'linked',
  banner: { js: BANNER },
  logLevel: 'warning',
})
await chmod(OUT, 0o755)
console.log(`built ${OUT}`)
