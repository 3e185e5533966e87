import { benchDump } from './dump.ts'
import { benchRules } from './rules.ts'
import { benchScan } from './scan.ts'

/** Every benchmark, in order; each runs what it is compared with in the same process, in turns. */
const BENCHES: readonly { readonly name: string; readonly run: () => Promise<string> }[] = [
  { name: 'rules', run: benchRules },
  { name: 'scan', run: benchScan },
  { name: 'dump', run: benchDump },
]

const only = process.argv.slice(2)
for (const { name, run } of BENCHES)
  if (only.length === 0 || only.includes(name)) console.log(`${name}: ${await run()}`)
