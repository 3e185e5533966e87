import type { FindingView } from '../../sinks/envelope.ts'
import type { Published } from '../../sinks/published.ts'
import type { Status } from '../../sinks/status.ts'
import { serverOptions, type ServerOptions } from '../client/address.ts'
import type { DaemonClient } from '../client/client.ts'
import { clientOf, filterOptions, filtersOf, retypedList, type FilterOptions } from '../client/options.ts'
import { tellChanges } from '../client/tell.ts'
import { choice } from '../options.ts'
import { explainedJson, explainedText } from '../explained.ts'
import { FORMATS, OUTPUTS, type Output } from '../render/index.ts'
import { jsonText } from '../render/json.ts'
import { safe } from '../render/width.ts'
import { select } from '../select.ts'
import { EXIT, UsageError } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['findings', 'what the daemon on this machine has found'],
  ['findings -n shop --severity critical --severity high', 'the grave ones in a namespace'],
  ['findings crash-loop', 'everything about one of them, by its id, the beginning of it, or KIND/NAME'],
  ['findings --watch', 'one line for each change, until Ctrl-C'],
  ['findings -o json', 'the envelope as GET /recommendations gives it, all pages in one'],
]

const OUTPUT = [...OUTPUTS, 'name'] as const

interface Given extends ServerOptions, FilterOptions {
  readonly output: Output | 'name'
  readonly watch?: true
}

export const findings: CommandEntry = {
  name: 'findings',
  register: (program, runtime) => {
    const command = program
      .command('findings')
      .summary('show what a running daemon has found')
      .description('Shows what a running daemon has found: all of it, or everything about one finding.')
      .argument('[finding]', 'the id of a finding, the beginning of one, or KIND/NAME of what it is about')
    serverOptions(filterOptions(command))
      .option('-w, --watch', 'go on, with a line for each change (-o json: a JSON object a line)')
      .addOption(choice('-o, --output <format>', 'how to print; name prints the ids alone', OUTPUT).default('table'))
      .action(async (wanted: string | undefined, given: Given) => runtime.exit(await run(wanted, given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(wanted: string | undefined, given: Given, runtime: Runtime): Promise<number> {
  const client = await clientOf(given, runtime)
  if (given.watch === true) {
    if (wanted !== undefined)
      throw new UsageError('--watch follows all findings that fit: leave the id out, or --watch')
    return follow(client, given, runtime)
  }
  const envelope = await client.list(filtersOf(given))
  return wanted === undefined
    ? list({ client, envelope, given }, runtime)
    : one(wanted, { client, envelope, given }, runtime)
}

async function follow(client: DaemonClient, given: Given, { io, clock }: Runtime): Promise<number> {
  if (given.output !== 'table' && given.output !== 'json')
    throw new UsageError('--watch prints lines: with -o json one JSON object each, else text')
  await tellChanges({ client, filters: filtersOf(given), clock, io, json: given.output === 'json' })
  return EXIT.done
}

interface Listed {
  readonly client: DaemonClient
  readonly envelope: Published
  readonly given: Given
}

async function list({ client, envelope, given }: Listed, { io, invocation }: Runtime): Promise<number> {
  if (given.output === 'name') io.out(envelope.items.map(({ id }) => `${safe(id)}\n`).join(''))
  else {
    const [render, status] = await Promise.all([FORMATS[given.output](), client.statusIfAllowed()])
    const drawing = {
      columns: io.terminal.columns,
      colour: io.terminal.colour,
      looked: status && lookedOf(status),
      leftOut: new Set(status?.rules.problems.map(({ file }) => file)).size,
      explain: (id: string) => `${invocation.typed} findings ${id}${retypedList(given, [])}`,
    }
    io.out(render(envelope, drawing))
    tellRestriction(envelope, io)
  }
  return envelope.complete ? EXIT.done : EXIT.incomplete
}

const lookedOf = ({ counts, kinds }: Status) => ({
  objects: counts.objects,
  kinds: new Set(kinds.map(({ resource }) => resource)).size,
})

function tellRestriction({ restricted }: Published, io: Runtime['io']): void {
  if (restricted === undefined) return
  const names = restricted.namespaces.slice(0, 10).map(safe).join(', ')
  io.error(`hint: only findings of namespaces that you may read are here: ${names === '' ? 'none' : names}\n`)
}

async function one(wanted: string, { client, envelope, given }: Listed, { io, services }: Runtime): Promise<number> {
  const found = await chosen(wanted, client, envelope)
  const explained = await Promise.all(
    found.map(async (finding) => ({ finding, envelope, runbook: await services.runbook(finding.runbook) })),
  )
  if (given.output === 'json') io.out(jsonText(explained.map(explainedJson)))
  else if (given.output === 'yaml') io.out((await import('../render/yaml.ts')).yamlText(explained.map(explainedJson)))
  else if (given.output === 'name') io.out(found.map(({ id }) => `${safe(id)}\n`).join(''))
  else io.out(explainedText(explained, io.terminal))
  return EXIT.done
}

// One that is over may be remembered by its id alone.
async function chosen(wanted: string, client: DaemonClient, envelope: Published): Promise<readonly FindingView[]> {
  try {
    return select(envelope, wanted)
  } catch (error) {
    const exact = wanted.includes('/') ? undefined : await client.find(wanted)
    if (exact === undefined) throw error
    return [exact]
  }
}
