import type { Command } from 'commander'
import { nearest } from '../../util/text.ts'
import { oneLine, problemLine } from '../errors.ts'
import { choice, repeated } from '../options.ts'
import { tellProblems } from '../outcome.ts'
import { jsonText } from '../render/json.ts'
import { ruleList, ruleText } from '../render/rules.ts'
import { plural } from '../render/words.ts'
import { EXIT, UsageError, type RulesResult, type RuleView } from '../services.ts'
import { acknowledge } from './rules-ack.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['rules list', 'the rules that ship with dogwatch'],
  ['rules show crash-loop', 'one rule as its author wrote it'],
  ['rules check my-rules/', 'before they go live: file:line:column and what is wrong'],
  ['rules ack my-rule@sha256:1f0c12ab34cd --reason "meant to" --rules my-rules/', 'it may match as much as it does'],
  ['rules schema > rule-v1.json', 'for an editor that completes rule files'],
]

const OUTPUT = ['text', 'json'] as const

interface Given {
  readonly rules?: readonly string[]
  readonly output: (typeof OUTPUT)[number]
}

const output = () => choice('-o, --output <format>', 'how to print', OUTPUT).default('text')

const withRules = (command: Command): Command =>
  command.option('--rules <dir>', 'more rules: a rule file or a directory of them; may be repeated', repeated)

export const rules: CommandEntry = {
  name: 'rules',
  register: (program, runtime) => {
    const { exit } = runtime
    const command = program
      .command('rules')
      .summary('list, show, check and acknowledge rules')
      .description('Lists, shows, checks and acknowledges the rules that are judged by.')
    withRules(command.command('list').summary('list the rules').description('Lists the rules, the gravest first.'))
      .addOption(output())
      .action(async (given: Given) => exit(await list(given, runtime)))
    withRules(
      command
        .command('show')
        .summary('show one rule')
        .description('Shows one rule: what it is about, and its file.')
        .argument('<id>', 'the id of a rule'),
    )
      .addOption(output())
      .action(async (id: string, given: Given) => exit(await show(id, given, runtime)))
    command
      .command('check')
      .summary('say what is wrong with rule files')
      .description('Loads rule files as a scan does and says what is wrong with them. Exits with 2 when a file is bad.')
      .argument('<path...>', 'rule files, or directories of them')
      .addOption(output())
      .action(async (paths: readonly string[], given: Given) => exit(await check(paths, given, runtime)))
    acknowledge(command, runtime)
    command
      .command('schema')
      .summary('print the JSON Schema of rule files')
      .description('Prints the JSON Schema of rule files.')
      .option('--config', 'that of the configuration instead')
      .action(async ({ config }: { config?: true }) => exit(await schema(config === true ? 'config' : 'rule', runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

const exitOf = ({ problems }: RulesResult): number => (problems.length > 0 ? EXIT.incomplete : EXIT.done)

// JSON leaves out what is undefined; the file is for `show`.
const withoutSource = (rule: RuleView) => ({ ...rule, source: undefined })

async function list({ rules: directories = [], output: as }: Given, { services, io }: Runtime): Promise<number> {
  const result = await services.rules(directories)
  tellProblems(io, result)
  if (as === 'json') io.out(jsonText(result.rules.map(withoutSource)))
  else io.out(ruleList(result.rules, io.terminal))
  return exitOf(result)
}

async function show(
  id: string,
  { rules: directories = [], output: as }: Given,
  { services, io }: Runtime,
): Promise<number> {
  const result = await services.rules(directories)
  tellProblems(io, result)
  const found = result.rules.find((rule) => rule.id === id)
  if (!found) {
    const ids = result.rules.map((rule) => rule.id)
    const near = nearest(id, ids)
    throw new UsageError(
      `no rule is called ${oneLine(id)}\n${near === undefined ? '`rules list` shows them' : `did you mean ${near}?`}`,
    )
  }
  io.out(as === 'json' ? jsonText(found) : ruleText(found, io.terminal))
  return exitOf(result)
}

async function check(paths: readonly string[], { output: as }: Given, { services, io }: Runtime): Promise<number> {
  const { rules: good, problems } = await services.check(paths)
  if (as === 'json') io.out(jsonText({ rules: good.map(withoutSource), problems }))
  else {
    for (const problem of problems) io.out(`${problemLine(problem)}\n`)
    io.out(
      `${plural(good.length, 'rule')} ready${problems.length > 0 ? `, ${plural(problems.length, 'problem')}` : ''}\n`,
    )
  }
  return problems.length > 0 ? EXIT.usage : EXIT.done
}

async function schema(of: 'rule' | 'config', { services, io }: Runtime): Promise<number> {
  io.out(jsonText(await services.schema(of)))
  return EXIT.done
}
