import { Option } from 'commander'
import { SILENT } from '../../util/logger.ts'
import type { RunEvents } from '../daemon-services.ts'
import { oneLine } from '../errors.ts'
import { filled } from '../options.ts'
import { EXIT } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['demo', 'a view of the shop, until Ctrl-C'],
  ['demo --once', 'until crash loop, OOM kill, pending pod, orphaned claim and over-provisioning are found'],
]

interface Given {
  readonly once?: true
  readonly listen: string
}

export const demo: CommandEntry = {
  name: 'demo',
  register: (program, runtime) => {
    const command = program
      .command('demo')
      .summary('watch a small shop that lives, and breaks')
      .description(
        'Runs a daemon over a small shop on a simulated API server, in which faults come and go, and shows what it finds. Needs no cluster and touches nothing. The shop’s clock runs faster than yours; the screen says how much.',
      )
      .option('--once', 'end when each of five faults is found, with a report')
      .addOption(
        new Option('--listen <address>', 'HOST:PORT of the API')
          .argParser(filled)
          .default('127.0.0.1:0', 'a free port'),
      )
      .action(async (given: Given) => runtime.exit(await run(given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run({ once, listen }: Given, runtime: Runtime): Promise<number> {
  const { services, io, clock } = runtime
  io.out('dogwatch watches a small shop on a simulated API server. It is being founded …\n')
  // Of all commands this one alone needs the simulator.
  const [{ openStage }, play] = await Promise.all([import('../demo/stage.ts'), import('../demo/play.ts')])
  const stage = await openStage(clock, io.stop)
  const ended = new AbortController()
  const signal = AbortSignal.any([io.stop, ended.signal])
  const address = Promise.withResolvers<string>()
  const { transport, cluster, checkpoint } = stage
  const request = { ...NOTHING, listen, transport, cluster, checkpoint, clock: stage.clock }
  const listening = (url: string): void => {
    // Until the daemon is ready, no time is lost that it would have to catch up with.
    stage.start()
    address.resolve(url)
  }
  const daemon = services.living(request, eventsFor(listening), signal)
  try {
    const url = await Promise.race([address.promise, daemon.then(() => undefined)])
    if (url === undefined) return EXIT.done
    const lines = firstLines(url, stage.speed)
    io.out(`${lines.join('\n')}\n`)
    const playing = { stage, url, lines, runtime, signal }
    if (once === true) return await play.untilFound(playing)
    await Promise.race([play.goOn(playing), daemon])
    return EXIT.done
  } finally {
    ended.abort()
    await daemon.catch(() => undefined)
    await stage.close()
  }
}

const NOTHING = {
  config: undefined,
  rules: [],
  logLevel: undefined,
}

const firstLines = (url: string, speed: number): string[] => [
  `The API answers at ${oneLine(url)}; try: curl '${oneLine(url)}/recommendations?severity=critical'`,
  `The shop's clock runs ${speed} times as fast as yours: a second is ${speed === 60 ? 'a minute' : `${speed} s`}. Ctrl-C ends it.`,
]

const nothing = (): void => undefined

const eventsFor = (listening: (url: string) => void): RunEvents => ({
  listening,
  watching: nothing,
  fresh: nothing,
  changed: nothing,
  // What stands on the screen is the view's.
  logger: SILENT,
})
