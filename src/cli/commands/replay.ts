import { Option } from 'commander'
import { formatTime } from '../../util/time.ts'
import { lineSheet } from '../client/tell.ts'
import type { ReplayResult } from '../daemon-services.ts'
import {
  choice,
  clusterNameOption,
  configOption,
  duration,
  namespaceOption,
  rulesOption,
  selectorOption,
  type ScanOptions,
} from '../options.ts'
import { exitOf, filesOf, tellProblems } from '../outcome.ts'
import { showProgress } from '../progress.ts'
import { changeLine, isNews } from '../render/changes.ts'
import { jsonText } from '../render/json.ts'
import { table } from '../render/table.ts'
import { plural } from '../render/words.ts'
import { formatAge } from '../../util/duration.ts'
import type { Console } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['replay outage', 'what a daemon would have found, and when'],
  ['replay outage --rules my-rules/', 'with rules of your own'],
  ['replay outage -o json', 'for a tool: the history, and the envelope at the end'],
]

const OUTPUT = ['text', 'json'] as const

interface Given extends Pick<ScanOptions, 'namespace' | 'selector' | 'cluster' | 'config' | 'rules'> {
  readonly after: number
  readonly output: (typeof OUTPUT)[number]
}

export const replay: CommandEntry = {
  name: 'replay',
  register: (program, runtime) => {
    const command = program
      .command('replay')
      .summary('play a recording through the daemon')
      .description(
        'Plays a recording of `dogwatch record` through the daemon, in the time of the recording: when each finding became pending, fired and was over, and what stands at the end. The same recording, rules and configuration print the same bytes each time.',
      )
      .argument('<directory>', 'the recording: snapshot.json, and watch.jsonl')
      .addOption(namespaceOption('only findings in this namespace; may be repeated'))
      .addOption(selectorOption())
      .addOption(clusterNameOption())
      .addOption(configOption())
      .addOption(rulesOption())
      .addOption(
        new Option('--after <duration>', 'how long time goes on after the last change')
          .argParser(duration)
          .default(0, '0s'),
      )
      .addOption(choice('-o, --output <format>', 'how to print', OUTPUT).default('text'))
      .action(async (directory: string, given: Given) => runtime.exit(await run(directory, given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(directory: string, given: Given, { services, io }: Runtime): Promise<number> {
  const { progress, end } = showProgress(io, () => performance.now())
  const request = {
    directory,
    config: given.config,
    cluster: given.cluster,
    rules: given.rules ?? [],
    namespaces: given.namespace,
    selector: given.selector?.parsed,
    afterMs: given.after,
  }
  const result = await services.replay(request, progress).finally(end)
  tellProblems(io, result)
  io.out(given.output === 'json' ? jsonText(jsonOf(result)) : text(result, io))
  return exitOf(result)
}

const jsonOf = ({ from, to, changes, history, envelope }: ReplayResult) => ({
  from: formatTime(from),
  to: formatTime(to),
  changes,
  history: history.map(({ at, change }) => ({
    at: formatTime(at),
    before: change.before ?? null,
    finding: change.finding,
  })),
  envelope,
})

function text(result: ReplayResult, io: Console): string {
  const { from, to, changes, history, envelope, looked, problems } = result
  const sheet = lineSheet(io)
  const news = history.filter(({ change }) => isNews(change))
  const lines = [
    `${plural(changes, 'change')} in ${formatAge(to - from)}, from ${formatTime(from)} to ${formatTime(to)}`,
    '',
    ...news.map(({ at, change }) => changeLine(change, formatTime(at), sheet)),
    ...(news.length === 0 ? ['Nothing was found meanwhile.'] : []),
    '',
    sheet.paint('strong', 'At the end'),
    '',
  ]
  const { columns, colour } = io.terminal
  return `${lines.join('\n')}\n${table(envelope, { columns, colour, looked, leftOut: filesOf(problems), explain: undefined })}`
}
