import { Option } from 'commander'
import { LOG_LEVELS, type LogLevel, type RunEvents, type RunRequest } from '../daemon-services.ts'
import { oneLine } from '../errors.ts'
import {
  choice,
  clusterNameOption,
  clusterOptions,
  configOption,
  filled,
  rulesOption,
  sourceOf,
  type SourceOptions,
} from '../options.ts'
import { humanEvents } from '../running.ts'
import { EXIT } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['run', 'watch the cluster of the current context; the API answers on this machine alone'],
  [
    'run -n shop --rules my-rules/ --checkpoint shop.sqlite',
    'one namespace, rules of your own, and a memory over restarts',
  ],
  ['run --config dogwatch.json', 'as it is run in a cluster'],
]

interface Given extends SourceOptions {
  readonly cluster?: string
  readonly config?: string
  readonly rules?: readonly string[]
  readonly listen?: string
  readonly checkpoint?: string
  readonly logLevel?: LogLevel
}

export const run: CommandEntry = {
  name: 'run',
  register: (program, runtime) => {
    const command = program
      .command('run')
      .summary('watch a cluster and serve what is found')
      .description(
        'Watches a cluster, keeps its findings up to date and serves them over HTTP, until it is stopped. Changes nothing in the cluster. On a terminal it says what it does; elsewhere its log is JSON on the error output. Options go before what the configuration says.',
      )
    clusterOptions(command)
      .addOption(clusterNameOption())
      .addOption(configOption())
      .addOption(rulesOption())
      .addOption(
        new Option(
          '--listen <address>',
          'HOST:PORT of the API; off this machine it asks for TLS and a token (default: 127.0.0.1:8686)',
        ).argParser(filled),
      )
      .addOption(
        new Option('--checkpoint <file>', 'what is remembered over a restart; without it a restart forgets').argParser(
          filled,
        ),
      )
      .addOption(choice('--log-level <level>', 'the least grave lines of the log (default: info)', LOG_LEVELS))
      .action(async (given: Given) => runtime.exit(await start(given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

const requestOf = (given: Given): RunRequest => {
  const { kubeconfig, context, namespaces } = sourceOf(given)
  return {
    source: { kubeconfig, context, namespaces },
    cluster: given.cluster,
    config: given.config,
    rules: given.rules ?? [],
    listen: given.listen,
    checkpoint: given.checkpoint,
    logLevel: given.logLevel,
  }
}

const nothing = (): void => undefined
const SILENT_EVENTS: RunEvents = {
  listening: nothing,
  watching: nothing,
  fresh: nothing,
  changed: nothing,
  logger: undefined,
}

async function start(given: Given, runtime: Runtime): Promise<number> {
  const { services, io, invocation } = runtime
  const request = requestOf(given)
  const human = io.terminal.out
  const events = human ? humanEvents(runtime) : SILENT_EVENTS
  if (human) io.out(`${invocation.name} ${services.version} starts; Ctrl-C stops it\n`)
  const { problems } = await services.run(request, events)
  for (const problem of problems) io.error(`${invocation.name}: ${oneLine(problem)}\n`)
  return problems.length > 0 ? EXIT.failed : EXIT.done
}
