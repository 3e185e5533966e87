import { explainedJson, explainedText } from '../explained.ts'
import { requestOf, scanOptions, choice, type ScanOptions } from '../options.ts'
import { exitOf, tellProblems } from '../outcome.ts'
import { showProgress } from '../progress.ts'
import { jsonText } from '../render/json.ts'
import { select } from '../select.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['explain crash-loop-7f3k2q9d', 'one finding, by the id that a scan shows'],
  ['explain crash-loop', 'the beginning of an id will do when there is one of it'],
  ['explain deployment/cart -n shop', 'all findings about an object'],
  ['explain crash-loop-7f3k2q9d -f dump.json', 'in the dump that was scanned'],
]

interface Given extends ScanOptions {
  readonly output: 'text' | 'json'
}

export const explain: CommandEntry = {
  name: 'explain',
  register: (program, runtime) => {
    const command = program
      .command('explain')
      .summary('say everything about one finding')
      .description(
        'Says everything about a finding: the evidence, what explains it, every gate on the way to a remedy, and its runbook page. It looks again; give it the same options as the scan.',
      )
      .argument('<finding>', 'the id of a finding, the beginning of one, or KIND/NAME of what it is about')
    scanOptions(command)
      .addOption(choice('-o, --output <format>', 'how to print', ['text', 'json']).default('text'))
      .action(async (wanted: string, given: Given) => runtime.exit(await run(wanted, given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(wanted: string, given: Given, { services, io }: Runtime): Promise<number> {
  const request = requestOf(given)
  const { progress, end } = showProgress(io, () => performance.now())
  const result = await services.scan(request, progress).finally(end)
  tellProblems(io, { problems: result.problems })
  const found = select(result.envelope, wanted)
  const explained = await Promise.all(
    found.map(async (finding) => ({
      finding,
      envelope: result.envelope,
      runbook: await services.runbook(finding.runbook),
    })),
  )
  if (given.output === 'json') io.out(jsonText(explained.map(explainedJson)))
  else io.out(explainedText(explained, io.terminal))
  return exitOf(result)
}
