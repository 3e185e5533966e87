import { InvalidArgumentError, Option, type Command } from 'commander'
import { gravityOf } from '../engine/gravity.ts'
import { SEVERITIES, type Severity } from '../engine/rule.ts'
import { parseDuration } from '../util/duration.ts'
import { didYouMean, quote } from '../util/issues.ts'
import { LabelSelectorError, parseLabelSelector, type LabelSelector } from '../util/label-selector.ts'
import { shellWord } from './invocation.ts'
import { UsageError, type ScanRequest, type Source } from './services.ts'

/** The options that say where to look, as they were given. */
export interface SourceOptions {
  readonly filename?: readonly string[]
  readonly complete?: true
  readonly namespace?: readonly string[]
  readonly allNamespaces?: true
  readonly kubeconfig?: string
  readonly context?: string
}

/** The options that say how to judge. */
export interface ScanOptions extends SourceOptions {
  readonly selector?: { readonly text: string; readonly parsed: LabelSelector }
  readonly cluster?: string
  readonly config?: string
  readonly rules?: readonly string[]
  readonly at?: { readonly text: string; readonly ms: number }
}

const NAMESPACE = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

/** Reads one of several words; any other is refused with the nearest of them. */
const oneOf =
  <W extends string>(words: readonly W[]) =>
  (given: string): W => {
    const found = words.find((word) => word === given)
    if (found !== undefined) return found
    throw new InvalidArgumentError(`it is one of ${words.join(', ')}${didYouMean(given, words)}`)
  }

/** An option that takes one of several words. */
export const choice = (flags: string, description: string, words: readonly string[]): Option =>
  new Option(flags, description).choices(words).argParser(oneOf(words))

export function filled(given: string): string {
  if (given === '') throw new InvalidArgumentError('it is empty')
  return given
}

export const repeated = (given: string, before: readonly string[] = []): string[] => [...before, filled(given)]

/** An option that takes one of several words, and may be given again. */
export function repeatedChoice(flags: string, description: string, words: readonly string[]): Option {
  const one = oneOf(words)
  const several = (given: string, before: readonly string[] = []): string[] => [...before, one(given)]
  return new Option(flags, description).choices(words).argParser(several)
}

function namespaces(given: string, before: readonly string[] = []): string[] {
  if (given.includes(',')) throw new InvalidArgumentError('give -n once for each namespace')
  if (!NAMESPACE.test(given)) throw new InvalidArgumentError(`${quote(given)} is no name of a namespace`)
  return [...before, given]
}

function selector(text: string): NonNullable<ScanOptions['selector']> {
  try {
    return { text, parsed: parseLabelSelector(text) }
  } catch (error) {
    throw error instanceof LabelSelectorError ? new InvalidArgumentError(error.message) : error
  }
}

function time(text: string): NonNullable<ScanOptions['at']> {
  const ms = RFC3339.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('a time such as 2026-11-21T10:00:00Z is expected')
  return { text, ms }
}

export const namespaceOption = (description: string): Option =>
  new Option('-n, --namespace <name>', description).argParser(namespaces)

/** Reads a duration such as `10m`, in milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('a duration such as 30s or 10m is expected')
  return ms
}

/** Adds the options that say which cluster to look at. */
export const clusterOptions = (command: Command): Command =>
  command
    .addOption(namespaceOption('look at this namespace alone; may be repeated'))
    .option('-A, --all-namespaces', 'look at all namespaces, which is what happens without -n')
    .addOption(
      new Option(
        '--kubeconfig <file>',
        "the kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, or the pod's own)",
      ).argParser(filled),
    )
    .addOption(new Option('--context <name>', 'the context of the kubeconfig to use').argParser(filled))

const dumpOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '-f, --filename <file>',
        'look at a dump instead of a cluster: a file or directory of kubectl or dogwatch JSON, or - for the standard input; may be repeated',
      ).argParser(repeated),
    )
    .option('--complete', 'with -f: everything is in the dump, so what is not there does not exist')

export const selectorOption = (): Option =>
  new Option(
    '-l, --selector <labels>',
    'only findings about objects with these labels, as kubectl writes them',
  ).argParser(selector)

export const clusterNameOption = (): Option =>
  new Option(
    '--cluster <name>',
    'a name for the cluster; ids of findings are made with it (default: the uid of kube-system)',
  ).argParser(filled)

export const configOption = (): Option =>
  new Option('--config <file>', 'configuration: policy, overrides, suppressions').argParser(filled)

export const rulesOption = (): Option =>
  new Option('--rules <dir>', 'more rules: a rule file or a directory of them; may be repeated').argParser(repeated)

/** Adds the options that say where to look and how to judge. */
export const scanOptions = (command: Command): Command =>
  clusterOptions(dumpOptions(command))
    .addOption(selectorOption())
    .addOption(clusterNameOption())
    .addOption(configOption())
    .addOption(rulesOption())
    .addOption(
      new Option(
        '--at <time>',
        'with -f: judge as of this time, RFC 3339 (default: when the dump was taken)',
      ).argParser(time),
    )

/** How bad findings must be to be counted against the exit code. */
export const failOn = (): Option =>
  choice('--fail-on <severity>', 'exit with 3 when a firing or pending finding is at least so severe', SEVERITIES)

export const isAtLeast = (severity: Severity, limit: Severity): boolean => gravityOf(severity) <= gravityOf(limit)

interface Contradiction {
  readonly when: (given: ScanOptions) => boolean
  readonly message: string
}

const isDump = ({ filename }: SourceOptions): boolean => filename !== undefined

const CONTRADICTIONS: readonly Contradiction[] = [
  {
    when: (given) => isDump(given) && given.context !== undefined,
    message: '-f looks at a dump and --context at a cluster: leave one out',
  },
  {
    when: (given) => isDump(given) && given.kubeconfig !== undefined,
    message: '-f looks at a dump and --kubeconfig at a cluster: leave one out',
  },
  {
    when: (given) => given.namespace !== undefined && given.allNamespaces === true,
    message: '-n and -A contradict each other: leave one out',
  },
  {
    when: (given) => !isDump(given) && given.complete === true,
    message: '--complete is about a dump: give one with -f',
  },
  {
    when: (given) => !isDump(given) && given.at !== undefined,
    message: '--at is about a dump: a cluster is looked at as it is now',
  },
  {
    when: ({ filename = [] }) => filename.filter((file) => file === '-').length > 1,
    message: '-f - can be given once: there is one standard input',
  },
]

/** Where to look. @throws UsageError when options contradict each other. */
export function sourceOf(given: ScanOptions): Source {
  const fault = CONTRADICTIONS.find(({ when }) => when(given))
  if (fault) throw new UsageError(fault.message)
  return {
    files: given.filename ?? [],
    complete: given.complete ?? false,
    kubeconfig: given.kubeconfig,
    context: given.context,
    namespaces: given.namespace,
  }
}

/** What to ask of the program. @throws UsageError when options contradict each other. */
export const requestOf = (given: ScanOptions): ScanRequest => ({
  source: sourceOf(given),
  selector: given.selector?.parsed,
  cluster: given.cluster,
  config: given.config,
  rules: given.rules ?? [],
  at: given.at?.ms,
})

/** The same options as they are typed again, for the line that explains a finding of this scan. */
export function retyped(given: ScanOptions): string {
  const several = (flag: string, values: readonly string[] = []): string[] => values.flatMap((value) => [flag, value])
  const one = (flag: string, value: string | undefined): string[] => (value === undefined ? [] : [flag, value])
  const words = [
    ...several('-f', given.filename),
    ...(given.complete === true ? ['--complete'] : []),
    ...several('-n', given.namespace),
    ...one('--kubeconfig', given.kubeconfig),
    ...one('--context', given.context),
    ...one('--cluster', given.cluster),
    ...one('--config', given.config),
    ...several('--rules', given.rules),
    ...one('--at', given.at?.text),
  ]
  return words.map((word) => ` ${shellWord(word)}`).join('')
}
