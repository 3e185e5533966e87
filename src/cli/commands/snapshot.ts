import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FileExistsError, writeAtomically } from '../../util/atomic-file.ts'
import { sourceOf, clusterOptions, type SourceOptions } from '../options.ts'
import { oneLine } from '../errors.ts'
import { showProgress } from '../progress.ts'
import { plural, unreadText } from '../render/words.ts'
import { EXIT, UsageError } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['snapshot dump.json', 'the whole cluster, to be scanned later with `scan -f dump.json`'],
  ['snapshot dump.json -n shop', 'one namespace, and what it refers to'],
  ['snapshot - | gzip > dump.json.gz', 'to the standard output'],
]

interface Given extends SourceOptions {
  readonly force?: true
}

export const snapshot: CommandEntry = {
  name: 'snapshot',
  register: (program, runtime) => {
    const command = program
      .command('snapshot')
      .summary('write what a scan looks at to a file')
      .description(
        'Writes everything a scan looks at to a file that `scan -f` reads. No Secret and no ConfigMap is read, and what a container gets as environment and arguments is left out.',
      )
      .argument('<file>', 'where to write; - for the standard output')
    clusterOptions(command)
      .option('--force', 'replace the file when it is there already')
      .action(async (file: string, given: Given) => runtime.exit(await run(file, given, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(file: string, given: Given, { services, io }: Runtime): Promise<number> {
  const source = sourceOf(given)
  const replace = given.force === true
  await refuseTarget(file, replace)
  const { progress, end } = showProgress(io, () => performance.now())
  const { text, objects, incomplete } = await services.snapshot(source, progress).finally(end)
  if (file === '-') io.out(text)
  else await write(file, text, replace)
  io.error(`wrote ${plural(objects, 'object')}${file === '-' ? '' : ` to ${oneLine(file)}`}\n`)
  for (const unread of incomplete) io.error(`left out: ${oneLine(unreadText(unread))}\n`)
  return incomplete.length > 0 ? EXIT.incomplete : EXIT.done
}

/** What is wrong with the place to write to, before the cluster is read, which may take a while. */
async function refuseTarget(file: string, replace: boolean): Promise<void> {
  if (file === '-' && replace) throw new UsageError('--force is about a file: the standard output is not replaced')
  if (file === '-') return
  if (!(await exists(dirname(file)))) throw new UsageError(`${oneLine(file)}: its directory does not exist`)
  if (!replace && (await exists(file))) throw taken(file)
}

const taken = (file: string): UsageError =>
  new UsageError(`${oneLine(file)} is there already\ngive another name, or --force to replace it`)

async function exists(file: string): Promise<boolean> {
  try {
    await access(file)
    return true
  } catch {
    return false
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'no permission to write there',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  ENOSPC: 'no space is left',
  EROFS: 'the file system is read-only',
}

async function write(file: string, text: string, replace: boolean): Promise<void> {
  try {
    await writeAtomically(file, text, { replace })
  } catch (error) {
    if (error instanceof FileExistsError) throw taken(file)
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new Error(`${oneLine(file)}: ${FAULTS[code] ?? String(error)}`, { cause: error })
  }
}
