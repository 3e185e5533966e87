import type { Command } from 'commander'
import type { Clock } from '../../util/clock.ts'
import type { Invocation } from '../invocation.ts'
import type { Console, Services } from '../services.ts'

/** What a command works with. */
export interface Runtime {
  readonly services: Services
  readonly io: Console
  readonly invocation: Invocation
  /** The machine's time. */
  readonly clock: Clock
  /** What the process ends with. */
  readonly exit: (code: number) => void
}

/** One command of the program. */
export interface CommandEntry {
  readonly name: string
  readonly register: (program: Command, runtime: Runtime) => void
}

/** An example in the help of a command: what is typed after the program's name, and what it is for. */
export type Example = readonly [line: string, purpose: string]

/** Writes the examples below the help of a command. */
export function examples(
  command: Command,
  { invocation }: Pick<Runtime, 'invocation'>,
  list: readonly Example[],
): Command {
  const lines = list.map(([line, purpose]) => `  # ${purpose}\n  ${invocation.name} ${line}`)
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}
