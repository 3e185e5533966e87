import { benchAnswers } from './answers.ts'
import { benchDump } from './dump.ts'
import { benchOptions, type BenchOptions } from './options.ts'
import { benchOutage } from './outage.ts'
import { benchReport, writeReport } from './report.ts'
import { benchRules } from './rules.ts'
import { benchScan } from './scan.ts'
import { benchSteady } from './steady.ts'
import { benchInformer, benchSync } from './sync.ts'

/** Every benchmark, in order; each runs what it is compared with in the same run. */
const BENCHES: readonly { readonly name: string; readonly run: (options: BenchOptions) => Promise<string> }[] = [
  { name: 'rules', run: benchRules },
  { name: 'scan', run: benchScan },
  { name: 'dump', run: benchDump },
  { name: 'informer', run: benchInformer },
  { name: 'sync', run: benchSync },
  { name: 'steady', run: benchSteady },
  { name: 'answers', run: benchAnswers },
  { name: 'outage', run: benchOutage },
]

const options = benchOptions(process.argv.slice(2))
const reports: { name: string; text: string }[] = []
for (const { name, run } of BENCHES) {
  if (options.only.length > 0 && !options.only.includes(name)) continue
  const text = await run(options)
  console.log(`${name}: ${text}\n`)
  reports.push({ name, text })
}
if (options.write !== undefined) writeReport(options.write, benchReport(reports))
