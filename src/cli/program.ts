import { Command } from 'commander'
import { systemClock, type Clock } from '../util/clock.ts'
import type { Runtime } from './commands/command.ts'
import { COMMANDS } from './commands/index.ts'
import { report } from './errors.ts'
import { invocationOf } from './invocation.ts'
import { EXIT, type Console, type Services } from './services.ts'

export interface Start {
  readonly services: Services
  readonly io: Console
  /** The path of the program that was started. */
  readonly called: string
  /** Default the machine's. */
  readonly clock?: Clock | undefined
}

/** Runs one command line and gives the exit code. Nothing is thrown. */
export async function run(
  argv: readonly string[],
  { services, io, called, clock = systemClock }: Start,
): Promise<number> {
  const invocation = invocationOf(called)
  let code: number = EXIT.done
  const program = createProgram({ services, io, invocation, clock, exit: (given) => (code = given) })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return report(error, io, { name: invocation.name, help: `${invocation.name}${commandOf(program, argv)} --help` })
  }
}

/** The program with all its commands; also what the reference page is written from. */
export function createProgram(parts: Runtime): Command {
  const { services, io, invocation } = parts
  const program = new Command(invocation.name)
    .description(
      'Watches a Kubernetes cluster and says what is broken: each fault once, with its cause and the evidence for it.',
    )
    .version(services.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.error,
      outputError: () => {},
      getOutHelpWidth: () => io.terminal.columns,
      getErrHelpWidth: () => io.terminal.columns,
      getOutHasColors: () => io.terminal.colour,
      getErrHasColors: () => false,
    })
    .addHelpText('after', exitCodes)
  for (const { register } of COMMANDS) register(program, parts)
  return program
}

const exitCodes = `
Exit codes:
  0  done
  1  it failed
  2  the command line, a file or a rule is wrong
  3  findings at or above --fail-on
  4  incomplete: something could not be read, or a rule file was left out
  70 a fault of dogwatch's own: the last line on the error output says which`

/** The commands that a command line names, for the help that fits it. */
function commandOf(program: Command, argv: readonly string[]): string {
  let command: Command = program
  let path = ''
  for (const word of argv) {
    const next = command.commands.find((one) => one.name() === word)
    if (!next) return path
    command = next
    path += ` ${word}`
  }
  return path
}
