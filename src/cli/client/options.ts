import { Option, type Command } from 'commander'
import { CATEGORIES, SEVERITIES } from '../../engine/rule.ts'
import { PUBLISHED_STATES, type FilterName, type Filters } from '../../sinks/published.ts'
import type { Runtime } from '../commands/command.ts'
import { namespaceOption, repeated, repeatedChoice } from '../options.ts'
import { shellWord } from '../invocation.ts'
import { addressOf, retypedServer, type ServerOptions } from './address.ts'
import { DaemonClient } from './client.ts'

/** The options that say which findings, as they were given. */
export interface FilterOptions {
  readonly namespace?: readonly string[]
  readonly severity?: readonly string[]
  readonly rule?: readonly string[]
  readonly category?: readonly string[]
  readonly state?: readonly string[]
  readonly kind?: readonly string[]
}

/** Adds the options that say which findings. */
export const filterOptions = (command: Command): Command =>
  command
    .addOption(namespaceOption('only findings in this namespace; may be repeated'))
    .addOption(repeatedChoice('--severity <severity>', 'only findings that are so severe; may be repeated', SEVERITIES))
    .addOption(new Option('--rule <id>', 'only findings of this rule; may be repeated').argParser(repeated))
    .addOption(repeatedChoice('--category <category>', 'only findings of this category; may be repeated', CATEGORIES))
    .addOption(repeatedChoice('--state <state>', 'only findings in this state; may be repeated', PUBLISHED_STATES))
    .addOption(
      new Option(
        '--kind <kind>',
        'only findings about objects of this kind, such as Deployment; may be repeated',
      ).argParser(repeated),
    )

const NAMES: readonly FilterName[] = ['namespace', 'severity', 'rule', 'category', 'state', 'kind']

export const filtersOf = (given: FilterOptions): Filters =>
  Object.fromEntries(
    NAMES.flatMap((name) => {
      const values = given[name]
      return values === undefined ? [] : [[name, values]]
    }),
  )

const FLAGS: Readonly<Partial<Record<FilterName, string>>> = { namespace: '-n' }

/** The same options as they are typed again, for the line that explains a finding of this list. */
export const retypedList = (given: FilterOptions & ServerOptions, names: readonly FilterName[] = NAMES): string =>
  names
    .flatMap((name) => (given[name] ?? []).map((value) => ` ${FLAGS[name] ?? `--${name}`} ${shellWord(value)}`))
    .join('') + retypedServer(given)

/** A client for the daemon that the options name. @throws UsageError when they cannot be used. */
export const clientOf = async (given: ServerOptions, { io, clock }: Runtime): Promise<DaemonClient> =>
  new DaemonClient({ address: await addressOf(given, io), clock, signal: io.stop })
