import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Figures {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

/** GNU time: the kernel's own account of a finished process. */
const TIME = '/usr/bin/time'

/** What one whole process took, from its start to its end. `scratch` is a directory for the account of it. */
export function measure(command: readonly string[], scratch: string): Figures {
  if (!existsSync(TIME)) throw new Error(`there is no ${TIME}: install GNU time`)
  const account = join(scratch, 'figures')
  const { status, stderr } = spawnSync(TIME, ['-f', '%e %U %S %M', '-o', account, ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${command.join(' ')} exited ${status}: ${stderr}`)
  const [wall = 0, user = 0, system = 0, kilobytes = 0] = readFileSync(account, 'utf8').trim().split(' ').map(Number)
  return { wallSeconds: wall, cpuSeconds: user + system, peakMegabytes: kilobytes / 1024 }
}

/** A line of a report. */
export const line = (name: string, { wallSeconds, cpuSeconds, peakMegabytes }: Figures): string =>
  `  ${name.padEnd(34)} ${wallSeconds.toFixed(2)} s   ${cpuSeconds.toFixed(2)} CPU-s   ${peakMegabytes.toFixed(0)} MB`
