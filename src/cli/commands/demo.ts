import { relative } from 'node:path'
import { retyped } from '../options.ts'
import { filesOf } from '../outcome.ts'
import { showProgress } from '../progress.ts'
import { chapters } from '../render/demo.ts'
import { EXIT } from '../services.ts'
import { examples, type CommandEntry, type Example, type Runtime } from './command.ts'

const EXAMPLES: readonly Example[] = [
  ['demo', 'step by step, with Enter'],
  ['demo --once', 'all at once'],
]

export const demo: CommandEntry = {
  name: 'demo',
  register: (program, runtime) => {
    const command = program
      .command('demo')
      .summary('scan a small broken shop that ships with dogwatch')
      .description(
        'Scans a small broken shop that ships with dogwatch and walks through what it found. Needs no cluster.',
      )
      .option('--once', 'print everything at once and end')
      .action(async ({ once }: { once?: true }) => runtime.exit(await run(once === true, runtime)))
    examples(command, runtime, EXAMPLES)
  },
}

async function run(once: boolean, { services, io, invocation }: Runtime): Promise<number> {
  const source = services.demo()
  const { progress, end } = showProgress(io, () => performance.now())
  const request = { source, selector: undefined, cluster: undefined, config: undefined, rules: [], at: undefined }
  const { envelope, looked, problems } = await services.scan(request, progress).finally(end)
  const again = retyped({ filename: source.files.map(shortPath), ...(source.complete ? { complete: true } : {}) })
  const parts = chapters(envelope, {
    drawing: {
      ...io.terminal,
      looked,
      leftOut: filesOf(problems),
      explain: (id) => `${invocation.typed} explain ${id}${again}`,
    },
    scan: `${invocation.typed} scan${again}`,
    own: `${invocation.typed} scan`,
  })
  for (const [at, part] of parts.entries()) {
    if (at > 0) await pause(once ? undefined : io.enter, io.out)
    io.out(part)
  }
  return EXIT.done
}

async function pause(enter: (() => Promise<void>) | undefined, out: (text: string) => void): Promise<void> {
  out(enter === undefined ? '\n' : '\nPress Enter to go on. ')
  await enter?.()
  if (enter !== undefined) out('\n')
}

// From where the reader stands, when that is shorter.
function shortPath(file: string): string {
  const path = relative('', file)
  return path.startsWith('..') ? file : path
}
