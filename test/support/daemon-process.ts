import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Status } from '../../src/sinks/status.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

type Line = Readonly<Record<string, unknown>>

/** How a process ended. */
export interface End {
  readonly code: number | null
  readonly signal: string | null
}

/** `dogwatch run` in a process of its own, as an operator starts it. */
export class DaemonProcess {
  /** Its log so far. */
  readonly lines: Line[] = []
  readonly ended: Promise<End>
  readonly #child: ChildProcess
  readonly #waiting = new Set<(line: Line | undefined) => void>()
  #url = ''

  private constructor(args: readonly string[], node: readonly string[]) {
    const options = [
      ...node,
      '--disallow-code-generation-from-strings',
      MAIN,
      'run',
      '--listen',
      '127.0.0.1:0',
      ...args,
    ]
    this.#child = spawn(process.execPath, options, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.ended = new Promise((resolve) => this.#child.on('close', (code, signal) => resolve({ code, signal })))
    if (this.#child.stderr) createInterface({ input: this.#child.stderr }).on('line', (text) => this.#take(text))
    void this.ended.then(() => this.#tell(undefined))
  }

  /** Starts it, with options for Node too, and waits for its API. */
  static async start(args: readonly string[], node: readonly string[] = []): Promise<DaemonProcess> {
    const daemon = new DaemonProcess(args, node)
    const { url } = await daemon.said('api listens')
    daemon.#url = String(url)
    return daemon
  }

  get url(): string {
    return this.#url
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Its memory in bytes. */
  get memory(): number {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  }

  /** The CPU time that it has used, in seconds. */
  get cpu(): number {
    const [, fields = ''] = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number)
    return (user + system) / 100
  }

  /** Waits for a line of its log, with these fields. */
  async said(event: string, fields: Line = {}): Promise<Line> {
    const all = Object.entries({ event, ...fields })
    const isIt = (line: Line): boolean => all.every(([key, value]) => line[key] === value)
    // Several lines may come at once, before whoever waits has its turn.
    for (let line: Line | undefined = {}; line; line = await this.#next()) {
      const said = this.lines.find(isIt)
      if (said) return said
    }
    throw new Error(`ended before it said "${event}": ${JSON.stringify(this.lines.slice(-5))}`)
  }

  #next(): Promise<Line | undefined> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${this.url}${path}`)
    return { status: response.status, text: await response.text() }
  }

  async status(): Promise<Status> {
    return JSON.parse((await this.get('/status')).text) as Status
  }

  /** Whether it has seen everything, and nothing is stale. */
  async isReady(): Promise<boolean> {
    return (await this.get('/readyz')).status === 200
  }

  async end(signal: 'SIGTERM' | 'SIGKILL' | 'SIGUSR2' | 'SIGHUP'): Promise<End> {
    this.#child.kill(signal)
    return this.ended
  }

  #take(text: string): void {
    const line: Line = text.startsWith('{') ? (JSON.parse(text) as Line) : { event: text }
    this.lines.push(line)
    this.#tell(line)
  }

  #tell(line: Line | undefined): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve(line)
  }
}
