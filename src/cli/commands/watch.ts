import { addressOf, serverOptions, type ServerOptions } from '../client/address.ts'
import { DaemonClient } from '../client/client.ts'
import { filterOptions, filtersOf, type FilterOptions } from '../client/options.ts'
import { tellChanges } from '../client/tell.ts'
import { showLive } from '../live.ts'
import { liveLines } from '../render/live.ts'
import { EXIT } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['watch', 'the daemon on this machine, until Ctrl-C'],
  ['watch -n shop', 'one namespace of it'],
  ['watch | tee changes.txt', 'a line for each change, where nobody looks at a terminal'],
]

interface Given extends ServerOptions, FilterOptions {
  readonly once?: true
}

export const watch: CommandEntry = {
  name: 'watch',
  register: (program, runtime) => {
    const command = program
      .command('watch')
      .summary('watch what a running daemon finds')
      .description(
        'Watches what a running daemon finds: the whole terminal, drawn anew with each change; a line for each change where there is no terminal. A daemon that is restarted or cannot be reached for a while is asked again.',
      )
    serverOptions(filterOptions(command))
      .option('--once', 'print the view once and end')
      .action(async (given: Given) => runtime.exit(await run(given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(given: Given, runtime: Runtime): Promise<number> {
  const { io, clock } = runtime
  const address = await addressOf(given, io)
  const filters = filtersOf(given)
  const client = new DaemonClient({ address, clock, signal: io.stop })
  if (given.once === true) return once(client, filters, runtime)
  if (io.terminal.drawable) await showLive({ io, address, filters, clock, notes: () => [], signal: io.stop })
  else await tellChanges({ client, filters, clock, io, json: false })
  return EXIT.done
}

async function once(client: DaemonClient, filters: ReturnType<typeof filtersOf>, { io }: Runtime): Promise<number> {
  const [envelope, status] = await Promise.all([client.list(filters), client.statusIfAllowed()])
  const { columns, colour } = io.terminal
  const now = Date.parse(status?.now ?? envelope.generatedAt)
  const scene = { url: client.url, notes: [], envelope, status, lost: undefined, lately: [], now }
  const lines = liveLines(scene, { columns, colour, rows: Infinity })
  io.out(`${lines.join('\n')}\n`)
  return EXIT.done
}
