import { spawn } from 'node:child_process'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** When a process was born, in ticks since the start of the machine: tells it from another that was given the same number. */
const born = (pid: string): string | undefined =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')[19]

/** The API server of a cluster whose processes are this machine's: `pids/kube-apiserver` beside the kubeconfig names its process. */
export class ControlPlane {
  readonly #home = dirname(process.env['KUBECONFIG'] ?? '')
  #command: readonly string[] = []

  get #file(): string {
    return join(this.#home, 'pids/kube-apiserver')
  }

  /** Kills the API server at once. */
  kill(): void {
    const [pid = '', at] = readFileSync(this.#file, 'utf8').trim().split(' ')
    if (at === undefined || born(pid) !== at) throw new Error(`the API server of ${this.#home} does not run`)
    this.#command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    process.kill(Number(pid), 'SIGKILL')
  }

  /** Starts what was killed, with the same words. */
  start(): void {
    const [program = '', ...args] = this.#command
    const log = openSync(join(this.#home, 'log/kube-apiserver.log'), 'a')
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
    child.unref()
    writeFileSync(this.#file, `${child.pid} ${born(String(child.pid))}\n`)
  }
}
