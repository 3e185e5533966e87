import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { readStream } from '../../src/util/files.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** Runs the program as a user would, in a process of its own. */
export async function dogwatch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ['--disallow-code-generation-from-strings', MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, error] = await Promise.all([readStream(child.stdout), readStream(child.stderr), once(child, 'close')])
  return { code: child.exitCode, out, error }
}

/** One scan as JSON; fails on every exit code but those that come with an envelope. */
export async function scan(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Envelope> {
  const { code, out, error } = await dogwatch(['scan', '-o', 'json', ...args], env)
  if (code !== 0 && code !== 4) throw new Error(`scan exited ${code}: ${error}`)
  return JSON.parse(out) as Envelope
}
