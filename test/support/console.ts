import type { Console } from '../../src/cli/services.ts'

/** A console that keeps what is written to it. */
export interface Recorder {
  readonly io: Console
  readonly out: () => string
  readonly error: () => string
  /** Comes true once everything that was written so far, on both outputs, fits. */
  readonly until: (fits: (written: { readonly out: string; readonly error: string }) => boolean) => Promise<void>
  /** Asks what runs to stop, as Ctrl-C does. */
  readonly stop: () => void
}

interface Looks {
  readonly columns?: number
  readonly rows?: number
  readonly colour?: boolean
  /** Whether the output is a terminal; default whether it has colours. */
  readonly terminal?: boolean
  /** Whether the error output is a terminal. */
  readonly error?: boolean
  readonly env?: Readonly<Record<string, string>>
}

export function recorder(looks: Looks = {}): Recorder {
  const { columns = 100, rows = 24, colour = false, terminal = colour, error = false, env = {} } = looks
  const written = { out: '', error: '' }
  const waiting = new Set<() => void>()
  const stop = new AbortController()
  const write = (to: keyof typeof written) => (text: string) => {
    written[to] += text
    for (const look of waiting) look()
  }
  return {
    io: {
      out: write('out'),
      error: write('error'),
      terminal: { out: terminal, error, columns, rows, drawable: terminal, colour },
      env,
      stop: stop.signal,
    },
    out: () => written.out,
    error: () => written.error,
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!fits(written)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    stop: () => stop.abort(new Error('stopped')),
  }
}
