import { fileURLToPath } from 'node:url'
import { UsageError, type FileProblem } from './cli/services.ts'
import type { Snapshot } from './cluster/snapshot.ts'
import { defaultConfig, readConfig, type ReadConfig } from './config.ts'
import type { Crash } from './crash.ts'
import type { RuleSet } from './engine/loader.ts'
import { FACTS } from './facts/index.ts'
import type { Target } from './findings/finding.ts'
import { RELATIONS } from './findings/relations.ts'
import { ACTIONS } from './remediation/actions/index.ts'
import { readDirectory } from './util/directory.ts'
import { FileError, readStream, readTexts, reasonOf, type TextFile } from './util/files.ts'
import type { LabelSelector } from './util/label-selector.ts'
import { matchesSelector } from './util/selector.ts'

/** What `main.ts` takes from the process. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: AsyncIterable<string | Uint8Array>
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly stop: AbortSignal
  /** Takes the lines of the log, each with its end; without it there is none. */
  readonly log?: ((line: string) => void) | undefined
  /** Ends the process when something fails that nobody expected. */
  readonly crash?: Crash | undefined
}

/** What rules may name. */
export const VOCABULARY = {
  facts: FACTS,
  actions: ACTIONS.map((action) => action.name),
  relations: Object.keys(RELATIONS),
}

/** A file that ships with dogwatch: the same place from `src` and from `dist/main.js`. */
export const shipped = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Reads files that the user named; `-` is the standard input. */
export async function userFiles(
  paths: readonly string[],
  { extension, stdin }: { extension: string; stdin?: Surroundings['stdin'] },
): Promise<TextFile[]> {
  try {
    const named = await readTexts(
      paths.filter((path) => path !== '-'),
      extension,
    )
    const piped = stdin && paths.includes('-') ? [{ file: 'standard input', text: await readStream(stdin) }] : []
    return [...named, ...piped]
  } catch (error) {
    throw error instanceof FileError ? new UsageError(error.message) : error
  }
}

export async function configOf(path: string | undefined): Promise<ReadConfig> {
  if (path === undefined) return defaultConfig()
  const [file] = await userFiles([path], { extension: '.json' })
  const read = readConfig(path, file?.text ?? '')
  if ('config' in read) return read
  throw new UsageError(read.problems.map(describe).join('\n'))
}

const describe = ({ file, line, column, message }: FileProblem): string => `${file}:${line}:${column}: ${message}`

export function refuseOverrides(
  { overrideIssues }: RuleSet,
  { place, file }: Pick<ReadConfig, 'place'> & { file: string | undefined },
): void {
  const lines = overrideIssues.map(({ path, message }) =>
    describe({ file: file ?? 'config', ...place(['overrides', ...path]), message }),
  )
  if (lines.length > 0) throw new UsageError(lines.join('\n'))
}

/** The shipped rule files, then those of the user's directories. */
export const ruleFiles = async (directories: readonly string[]): Promise<TextFile[]> => [
  ...(await readTexts([shipped('rules')], '.json')),
  ...(await userFiles(directories, { extension: '.json' })),
]

/** Which targets `-n` and `-l` ask for. */
export function targetsIn(
  snapshot: Pick<Snapshot, 'byUid'>,
  {
    namespaces,
    selector,
  }: { readonly namespaces: readonly string[] | undefined; readonly selector: LabelSelector | undefined },
): (target: Pick<Target, 'uid'> & { readonly namespace?: string | undefined }) => boolean {
  return ({ namespace, uid }) =>
    (namespaces === undefined || (namespace !== undefined && namespaces.includes(namespace))) &&
    (selector === undefined || matchesSelector(snapshot.byUid(uid)?.metadata.labels, selector))
}

/** Refuses directories of rules that cannot be read; an empty one is as good as any: its files may come later. */
export async function mustBeThere(directories: readonly string[]): Promise<void> {
  for (const directory of directories)
    await readDirectory(directory, '.json').catch((error: unknown) => {
      throw new UsageError(`${directory}: ${reasonOf(error)}`)
    })
}
