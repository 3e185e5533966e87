import { mkdir, readdir } from 'node:fs/promises'
import { Option } from 'commander'
import { CHANGES_FILE, SNAPSHOT_FILE } from '../../cluster/recording.ts'
import { formatAge } from '../../util/duration.ts'
import { oneLine } from '../errors.ts'
import { clusterOptions, duration, sourceOf, type SourceOptions } from '../options.ts'
import { showProgress } from '../progress.ts'
import { plural } from '../render/words.ts'
import { EXIT, UsageError } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['record outage --watch 10m', 'what there is, and ten minutes of what becomes of it'],
  ['record outage --watch 10m -n shop', 'one namespace'],
  ['replay outage', 'what a daemon would have found meanwhile'],
]

interface Given extends SourceOptions {
  readonly watch: number
}

const TEN_MINUTES = 600_000

export const record: CommandEntry = {
  name: 'record',
  register: (program, runtime) => {
    const command = program
      .command('record')
      .summary('write down what happens in a cluster')
      .description(
        `Writes what a daemon would see into a directory: ${SNAPSHOT_FILE}, and ${CHANGES_FILE} with a line for each change from there on. No Secret and no ConfigMap is read, and what a container gets as environment and arguments is left out. Ctrl-C ends it sooner; what was recorded until then is whole.`,
      )
      .argument('<directory>', 'where to write; made when it is not there')
    clusterOptions(command)
      .addOption(
        new Option('--watch <duration>', 'how long to watch, such as 10m')
          .argParser(duration)
          .default(TEN_MINUTES, '10m'),
      )
      .action(async (directory: string, given: Given) => runtime.exit(await run(directory, given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(directory: string, given: Given, { services, io }: Runtime): Promise<number> {
  const source = sourceOf(given)
  await prepare(directory)
  const { progress, end } = showProgress(io, () => performance.now())
  const result = await services.record({ source, directory, watchMs: given.watch }, progress).finally(end)
  const { objects, changes, watchedMs, incomplete } = result
  io.error(
    `wrote ${plural(objects, 'object')} and ${plural(changes, 'change')} of ${formatAge(watchedMs)} to ${oneLine(directory)}\n`,
  )
  for (const line of incomplete) io.error(`left out: ${oneLine(line)}\n`)
  return incomplete.length > 0 ? EXIT.incomplete : EXIT.done
}

/** Makes the directory, before the cluster is read. @throws UsageError when it holds a recording, or cannot be made. */
async function prepare(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const there = await readdir(directory)
    const taken = [SNAPSHOT_FILE, CHANGES_FILE].find((file) => there.includes(file))
    if (taken === undefined) return
    throw new UsageError(`${oneLine(directory)}: ${taken} is in it already\ngive another directory`)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new UsageError(`${oneLine(directory)}: ${REASONS[code] ?? String(error)}`, { cause: error })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write there',
  EEXIST: 'it is a file',
  ENOTDIR: 'a part of the path is no directory',
  EROFS: 'the file system is read-only',
}
