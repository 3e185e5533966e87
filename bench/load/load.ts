import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.ts'
import type { LoadOrders } from './control.ts'
import type { Sizes } from './layout.ts'

type Order = keyof LoadOrders
type With<O extends Order> = Parameters<LoadOrders[O]> extends [infer What] ? [What] : []

/** A load server in a process of its own, with a kubeconfig that names it. */
export class Load implements AsyncDisposable {
  readonly port: number
  readonly kubeconfig: string
  readonly #child: Child
  readonly #scratch: string

  private constructor(child: Child, port: number) {
    this.#child = child
    this.port = port
    this.#scratch = mkdtempSync(join(tmpdir(), 'dogwatch-load-'))
    this.kubeconfig = join(this.#scratch, 'kubeconfig')
    writeFileSync(this.kubeconfig, kubeconfigFor(this.url))
  }

  static async start(sizes: Sizes): Promise<Load> {
    const child = new Child(join(import.meta.dirname, 'main.ts'), [])
    return new Load(child, (await child.ask('start', { sizes })) as number)
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** A directory that goes with it. */
  get scratch(): string {
    return this.#scratch
  }

  async tell<O extends Order>(order: O, ...[what]: With<O>): Promise<Awaited<ReturnType<LoadOrders[O]>>> {
    return (await this.#child.ask(order, what as object | undefined)) as Awaited<ReturnType<LoadOrders[O]>>
  }

  /** When the next request comes. To be called before whoever asks is started. */
  async asked(): Promise<{ readonly next: Promise<void> }> {
    await this.#child.ask('arm')
    return { next: this.#child.told('asked') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.end()
    rmSync(this.#scratch, { recursive: true })
  }
}

const kubeconfigFor = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: {} }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  })
