import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { KINDS } from '../../src/cluster/kinds.ts'
import { Child } from './child.ts'
import type { Load } from './load.ts'
import type { Figures } from './probe.ts'

const ROOT = join(import.meta.dirname, '../..')
const PROBE = join(import.meta.dirname, 'probe.ts')
const SUBJECTS = join(import.meta.dirname, 'subjects')
const POLL_MS = 20
const SECOND_MS = 1000
/** CPU seconds in about a second. */
const AT_REST = 0.2

/** As the image starts it in a container of 1 GiB. */
const FLAGS = ['--disallow-code-generation-from-strings', '--max-old-space-size=614', '--max-semi-space-size=8']

/** A program that reads from a load server, with a probe in it. */
export class Subject implements AsyncDisposable {
  /** Of the daemon: where its API answers. */
  readonly api: string | undefined
  readonly #child: Child
  readonly #synced: Promise<void>

  private constructor(child: Child, api?: string) {
    this.#child = child
    this.api = api
    this.#synced = api === undefined ? child.told('synced') : ready(api, child)
    // Whoever waits for it hears of a failure; nobody may.
    this.#synced.catch(() => undefined)
  }

  /** Our program, as it is shipped. `extra`: more of its configuration. */
  static daemon(load: Load, port: number, extra: object = {}): Subject {
    const config = join(load.scratch, 'config.json')
    writeFileSync(config, JSON.stringify({ server: { listen: `127.0.0.1:${port}` }, log: { level: 'warn' }, ...extra }))
    const args = ['run', '--config', config, '--kubeconfig', load.kubeconfig]
    const child = new Child(join(ROOT, 'dist/main.js'), args, { execArgv: [...FLAGS, '--import', PROBE] })
    return new Subject(child, `http://127.0.0.1:${port}`)
  }

  /** Our watch without rules, with a mirror that only keeps. */
  static reflector(load: Load): Subject {
    return Subject.#of('reflector', [load.kubeconfig, 'no-metrics'])
  }

  /** The official informer, on pods. */
  static informer(load: Load): Subject {
    return Subject.#of('informer', [load.kubeconfig])
  }

  /** `JSON.parse` of everything that a watch of these kinds begins with. */
  static parse(load: Load, resources: readonly string[] = WATCHED): Subject {
    return Subject.#of('parse', [load.url, ...resources.map(pathOf)])
  }

  static #of(name: string, args: readonly string[]): Subject {
    return new Subject(new Child(join(SUBJECTS, `${name}.ts`), args, { execArgv: ['--import', PROBE] }))
  }

  /** When it has seen everything. */
  synced(): Promise<void> {
    return this.#synced
  }

  /**
   * When the daemon has had a sample of the use of every pod too, and has come to rest: with the last of the first samples everything is
   * judged once more that goes by them.
   */
  async settled(): Promise<void> {
    await until(this.#child, SECOND_MS, async () => {
      const { cpuSeconds } = await this.figures()
      await this.mark()
      const answer = await fetch(`${this.api ?? ''}/status`)
      const { kinds } = (await answer.json()) as { kinds: readonly { readonly state: string }[] }
      return cpuSeconds < AT_REST && !kinds.some(({ state }) => state === 'syncing')
    })
  }

  /** What it took since the last mark. */
  async figures(): Promise<Figures> {
    return (await this.#child.ask('figures')) as Figures
  }

  async mark(): Promise<void> {
    await this.#child.ask('mark')
  }

  /** Megabytes of the heap that are alive. */
  async alive(): Promise<number> {
    await this.#child.ask('collect')
    return (await this.figures()).heapMegabytes
  }

  /** `uid resourceVersion` of every object of a kind that it holds; of our watch alone. */
  async state(kind: string): Promise<readonly string[]> {
    return (await this.#child.ask('state', { resource: kind })) as readonly string[]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.end()
  }
}

const ready = (api: string, child: Child): Promise<void> =>
  until(child, POLL_MS, async () => {
    const answer = await fetch(`${api}/readyz`).catch(() => undefined)
    await answer?.arrayBuffer()
    return answer?.status === 200
  })

/** Looks every so many milliseconds until it holds. @throws Error when the daemon ends before. */
async function until(child: Child, everyMs: number, holds: () => Promise<boolean>): Promise<void> {
  while (child.process.exitCode === null) {
    if (await holds()) return
    await setTimeout(everyMs)
  }
  throw new Error(`the daemon ended with ${child.process.exitCode}`)
}

const WATCHED = KINDS.filter(({ optional, resource }) => !optional && resource !== 'events').map(
  ({ resource }) => resource,
)

function pathOf(resource: string): string {
  const kind = KINDS.find((one) => one.resource === resource)
  if (kind === undefined) throw new Error(`no ${resource}`)
  const root = kind.apiVersion === 'v1' ? '/api/v1' : `/apis/${kind.apiVersion}`
  return `${root}/${resource.split('.')[0]}`
}

export interface Sync extends Figures {
  /** From the first request on. */
  readonly wallSeconds: number
  /** Of the heap, after everything that is garbage was collected. */
  readonly aliveMegabytes: number
}

/** Starts a subject and measures it from its first request until it has seen everything. */
export async function measureSync(load: Load, start: () => Subject): Promise<{ sync: Sync; subject: Subject }> {
  const { next } = await load.asked()
  const subject = start()
  await Promise.race([next, subject.synced()])
  const began = performance.now()
  await subject.mark()
  await subject.synced()
  const wallSeconds = (performance.now() - began) / 1000
  const figures = await subject.figures()
  return { subject, sync: { ...figures, wallSeconds, aliveMegabytes: await subject.alive() } }
}
