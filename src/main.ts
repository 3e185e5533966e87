import { createApp } from './app.ts'
import { run } from './cli/program.ts'
import { EXIT } from './cli/services.ts'
import { Crash } from './crash.ts'
import { systemClock } from './util/clock.ts'

/**
 * Whether the process was started so that no text can become code. `--disallow-code-generation-from-strings` must be on the command line:
 * set at run time it does nothing. A dependency with a hole in its expression language is then a wrong answer and not an intruder.
 */
function generatesCode(): boolean {
  try {
    Reflect.construct(Function, [''])
    return true
  } catch {
    return false
  }
}

if (generatesCode()) {
  process.stderr.write('dogwatch: start it with node --disallow-code-generation-from-strings, as its own commands do\n')
  process.exitCode = 1
} else {
  const { argv, env, stdout, stderr, stdin } = process
  // A reader that goes away (`dogwatch scan | head`) is no failure of ours.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal))
  const io = {
    out: (text: string) => void stdout.write(text),
    error: (text: string) => void stderr.write(text),
    terminal: {
      out: stdout.isTTY,
      error: stderr.isTTY,
      get columns() {
        return stdout.columns || 100
      },
      get rows() {
        return stdout.rows || 24
      },
      drawable: stdout.isTTY && env['TERM'] !== 'dumb',
      colour: stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    },
    env,
    stop: stop.signal,
  }
  const log = (line: string): void => void stderr.write(line)
  const end = (): void => process.exit(EXIT.crashed)
  const crash = new Crash({ clock: systemClock, write: log, end })
  // A promise that nobody waits for ends here too.
  process.on('uncaughtException', (error, origin) => void crash.meet(error, origin))
  const app = createApp({ env, stdin, now: Date.now, stop: stop.signal, log, crash })
  process.exitCode = await run(argv.slice(2), { services: app, io, called: argv[1] ?? 'dogwatch' })
}
