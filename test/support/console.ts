import type { Console } from '../../src/cli/services.ts'

/** A console that keeps what is written to it. */
export interface Recorder {
  readonly io: Console
  readonly out: () => string
  readonly error: () => string
}

interface Looks {
  readonly columns?: number
  readonly colour?: boolean
  /** Whether the error output is a terminal. */
  readonly error?: boolean
  readonly enter?: () => Promise<void>
}

export function recorder({ columns = 100, colour = false, error = false, enter }: Looks = {}): Recorder {
  const written = { out: '', error: '' }
  return {
    io: {
      out: (text) => void (written.out += text),
      error: (text) => void (written.error += text),
      terminal: { out: colour, error, columns, rows: 24, colour },
      env: {},
      stop: new AbortController().signal,
      enter,
    },
    out: () => written.out,
    error: () => written.error,
  }
}
