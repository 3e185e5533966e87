import type { Published } from '../../sinks/published.ts'
import { serverOptions, type ServerOptions } from '../client/address.ts'
import { clientOf, filterOptions, filtersOf, retypedList, type FilterOptions } from '../client/options.ts'
import { choice } from '../options.ts'
import { jsonText } from '../render/json.ts'
import { recommendationLines } from '../render/recommendations.ts'
import { safe } from '../render/width.ts'
import { EXIT } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['recommendations', 'what could be done, and what stands in the way'],
  ['recommendations -n shop --severity critical', 'about the gravest findings of a namespace'],
  ['recommendations -o json', 'the findings that have any, in the envelope of GET /recommendations'],
]

const OUTPUT = ['table', 'json', 'yaml', 'name'] as const

interface Given extends ServerOptions, FilterOptions {
  readonly output: (typeof OUTPUT)[number]
}

export const recommendations: CommandEntry = {
  name: 'recommendations',
  register: (program, runtime) => {
    const command = program
      .command('recommendations')
      .summary('show what a running daemon would do about its findings')
      .description('Shows the actions that a running daemon proposes for its findings, each with the decision on it.')
    serverOptions(filterOptions(command))
      .addOption(choice('-o, --output <format>', 'how to print; name prints the ids alone', OUTPUT).default('table'))
      .action(async (given: Given) => runtime.exit(await run(given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(given: Given, runtime: Runtime): Promise<number> {
  const { io, invocation } = runtime
  const all = await (await clientOf(given, runtime)).list(filtersOf(given))
  const envelope = { ...all, items: all.items.filter((item) => item.recommendations.length > 0) }
  io.out(
    await TEXTS[given.output](envelope, () =>
      recommendationLines(envelope, {
        columns: io.terminal.columns,
        colour: io.terminal.colour,
        explain: `${invocation.typed} findings ID${retypedList(given, [])}`,
      }),
    ),
  )
  return envelope.complete ? EXIT.done : EXIT.incomplete
}

const TEXTS: Readonly<Record<Given['output'], (envelope: Published, table: () => string) => string | Promise<string>>> =
  {
    table: (_, table) => table(),
    json: (envelope) => jsonText(envelope),
    yaml: async (envelope) => (await import('../render/yaml.ts')).yamlText(envelope),
    name: ({ items }) => items.flatMap((item) => item.recommendations.map(({ id }) => `${safe(id)}\n`)).join(''),
  }
