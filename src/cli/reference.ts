import type { Command } from 'commander'
import { systemClock } from '../util/clock.ts'
import { createProgram } from './program.ts'
import type { Services } from './services.ts'

const COLUMNS = 100

const unasked = (): never => {
  throw new Error('the reference page asks nothing')
}

const NOBODY: Services = {
  version: '',
  scan: unasked,
  snapshot: unasked,
  rules: unasked,
  check: unasked,
  schema: unasked,
  runbook: unasked,
  run: unasked,
  living: unasked,
  record: unasked,
  replay: unasked,
}

/** The page on every command: what `--help` says. */
export function cliReference(): string {
  const pages: string[] = []
  let page = ''
  const program = createProgram({
    services: NOBODY,
    io: {
      out: (text) => (page += text),
      error: () => {},
      terminal: { out: false, error: false, columns: COLUMNS, rows: 0, drawable: false, colour: false },
      env: {},
      stop: new AbortController().signal,
    },
    invocation: { name: 'dogwatch', typed: 'dogwatch' },
    clock: systemClock,
    exit: () => {},
  })
  for (const { name, command } of commandsOf(program, [])) {
    page = ''
    command.outputHelp()
    pages.push(`## ${name}\n\n\`\`\`text\n${page.trim()}\n\`\`\`\n`)
  }
  const head =
    '# The command line\n\nMade from the code by `npm run update`. Installed as `kubectl-dogwatch` on the path it is also `kubectl dogwatch`.\n'
  return [head, ...pages].join('\n')
}

function commandsOf(command: Command, before: readonly string[]): { name: string; command: Command }[] {
  const path = [...before, command.name()]
  return [{ name: path.join(' '), command }, ...command.commands.flatMap((inner) => commandsOf(inner, path))]
}
