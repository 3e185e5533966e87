import type { Severity } from '../../engine/rule.ts'
import { choice, failOn, requestOf, retyped, scanOptions, type ScanOptions } from '../options.ts'
import { exitOf, filesOf, tellProblems } from '../outcome.ts'
import { showProgress } from '../progress.ts'
import { FORMATS, OUTPUTS, type Output } from '../render/index.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['scan', 'the cluster of the current context, all namespaces'],
  ['scan -n shop -n data', 'two namespaces'],
  ['scan -f dump.json', 'what `dogwatch snapshot dump.json` or `kubectl get all,pvc,events -A -o json` wrote'],
  ['scan -o json --fail-on high', 'for a pipeline: JSON, and exit code 3 for anything high or critical'],
  ['scan -o markdown > report.md', 'a report for an issue'],
]

interface Given extends ScanOptions {
  readonly output: Output
  readonly failOn?: Severity
}

export const scan: CommandEntry = {
  name: 'scan',
  register: (program, runtime) => {
    const command = program
      .command('scan')
      .summary('look at a cluster once and say what is broken')
      .description(
        'Looks at a cluster, or at a dump of one, and says what is broken, why, and what could be done. Changes nothing.',
      )
    scanOptions(command)
      .addOption(choice('-o, --output <format>', 'how to print', OUTPUTS).default('table'))
      .addOption(failOn())
      .action(async (given: Given) => runtime.exit(await run(given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(given: Given, { services, io, invocation }: Runtime): Promise<number> {
  const request = requestOf(given)
  const { progress, end } = showProgress(io, () => performance.now())
  const result = await services.scan(request, progress).finally(end)
  tellProblems(io, result)
  const render = await FORMATS[given.output]()
  const drawing = {
    columns: io.terminal.columns,
    colour: io.terminal.colour,
    looked: result.looked,
    leftOut: filesOf(result.problems),
    explain: (id: string) => `${invocation.typed} explain ${id}${retyped(given)}`,
  }
  io.out(render(result.envelope, drawing))
  return exitOf(result, given.failOn)
}
