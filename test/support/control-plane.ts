import { spawn } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** When a process was born, in ticks since the start of the machine: tells it from another that was given the same number. */
const born = (pid: string): string | undefined =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')[19]

/** Processes of a cluster that runs on this machine: `pids/NAME` beside the kubeconfig names each of them. */
export class ControlPlane {
  readonly #home = dirname(process.env['KUBECONFIG'] ?? '')
  readonly #commands = new Map<string, readonly string[]>()

  /** Kills a process at once. */
  kill(name: string): void {
    const [pid = '', at] = readFileSync(this.#file(name), 'utf8').trim().split(' ')
    if (at === undefined || born(pid) !== at) throw new Error(`${name} of ${this.#home} does not run`)
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    process.kill(Number(pid), 'SIGKILL')
    this.#commands.set(name, command)
  }

  /** Starts what was killed, with the same words. */
  start(name: string): void {
    const [program = '', ...args] = this.#commands.get(name) ?? []
    const log = openSync(join(this.#home, `log/${name}.log`), 'a')
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
    child.unref()
    writeFileSync(this.#file(name), `${child.pid} ${born(String(child.pid))}\n`)
    this.#commands.delete(name)
  }

  /** Starts all that was killed. */
  startAll(): void {
    for (const name of this.#commands.keys()) this.start(name)
  }

  #file(name: string): string {
    return join(this.#home, 'pids', name)
  }
}
