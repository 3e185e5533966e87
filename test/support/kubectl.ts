import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)
const LARGEST = 64 * 2 ** 20

/** What `kubectl` prints. @throws Error with what it complained of. */
export async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('kubectl', [...args], { maxBuffer: LARGEST })
  return stdout
}

/** The same as JSON. */
export const kubectlJson = async (...args: readonly string[]): Promise<unknown> =>
  JSON.parse(await kubectl(...args, '-o', 'json'))

/** What a pod writes from its last line on, until it ends. @returns once it is being followed: what comes after that is not missed. */
export async function followLog(namespace: string, pod: string): Promise<{ readonly ended: Promise<string> }> {
  const child = spawn('kubectl', ['-n', namespace, 'logs', '--follow', '--tail=1', pod], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
  const ended = once(child, 'close').then(() => text)
  await Promise.race([once(child.stdout, 'data'), ended])
  return { ended }
}

/** A port of this machine that leads into the cluster. */
export class PortForward implements AsyncDisposable {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async open(namespace: string, to: string, port: number): Promise<PortForward> {
    const child = spawn('kubectl', ['-n', namespace, 'port-forward', to, `:${port}`, '--address', '127.0.0.1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    return new PortForward(child, Number(/:(\d+) ->/.exec(line)?.[1]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill()
    await ended
  }
}
