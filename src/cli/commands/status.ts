import { serverOptions, type ServerOptions } from '../client/address.ts'
import { clientOf } from '../client/options.ts'
import { choice } from '../options.ts'
import { jsonText } from '../render/json.ts'
import { statusText } from '../render/status.ts'
import { EXIT } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['status', 'of the daemon on this machine'],
  ['status --server https://127.0.0.1:8686 --token-file token', 'of one in a cluster, through a port-forward'],
  ['status -o json', 'for a tool; 4 is the exit code while it is not ready'],
]

const OUTPUT = ['table', 'json', 'yaml'] as const

interface Given extends ServerOptions {
  readonly output: (typeof OUTPUT)[number]
}

export const status: CommandEntry = {
  name: 'status',
  register: (program, runtime) => {
    const command = program
      .command('status')
      .summary('show how a running daemon does')
      .description(
        'Shows how a running daemon does: how fresh each kind is that it watches, what it cannot see, its rules and its checkpoint. Exits with 4 while it is not ready.',
      )
    serverOptions(command)
      .addOption(choice('-o, --output <format>', 'how to print', OUTPUT).default('table'))
      .action(async (given: Given) => runtime.exit(await run(given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(given: Given, runtime: Runtime): Promise<number> {
  const { io } = runtime
  const found = await (await clientOf(given, runtime)).status()
  if (given.output === 'json') io.out(jsonText(found))
  else if (given.output === 'yaml') io.out((await import('../render/yaml.ts')).yamlText(found))
  else io.out(statusText(found, io.terminal))
  return found.ready.synced && found.ready.fresh ? EXIT.done : EXIT.incomplete
}
