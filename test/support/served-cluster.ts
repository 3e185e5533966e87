import { existsSync } from 'node:fs'
import { SimulatedApiServer } from '../../src/simulator/server.ts'
import { decode } from '../../src/store/entries.ts'
import { fileHome } from '../../src/store/file-home.ts'
import { systemClock } from '../../src/util/clock.ts'
import { seededRandom } from '../../src/util/seeded-random.ts'
import { SECOND } from '../../src/util/time.ts'
import { rest } from '../../src/util/virtual-clock.ts'
import { deployed, namespace, node, type Raw, type Seed } from './build.ts'
import { DaemonProcess } from './daemon-process.ts'
import { kubeconfig, Scratch } from './kubeconfigs.ts'

const secondsAgo = (seconds: number): string => new Date(Date.now() - seconds * SECOND).toISOString()

/** What the kubelet says of a container that has crashed for long. */
export const crashed = (more: Seed = {}): Seed => ({
  spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'app:1' }] },
  status: {
    phase: 'Running',
    startTime: secondsAgo(3600),
    containerStatuses: [
      {
        name: 'app',
        restartCount: 30,
        ready: false,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: {
          terminated: { exitCode: 1, reason: 'Error', startedAt: secondsAgo(20), finishedAt: secondsAgo(15) },
        },
      },
    ],
  },
  ...more,
})

/** A cluster of a few objects in real time, on a simulated API server over HTTP, for daemons in processes of their own. */
export class ServedCluster implements AsyncDisposable {
  readonly server = new SimulatedApiServer({ clock: systemClock, random: seededRandom(1) })
  readonly scratch = new Scratch()
  readonly checkpoint = `${this.scratch.path}/checkpoint`
  readonly #left = new AsyncDisposableStack()
  #kubeconfig = ''

  static async open(): Promise<ServedCluster> {
    const cluster = new ServedCluster()
    const listening = await cluster.server.listen()
    cluster.#left.defer(() => listening.close())
    cluster.#kubeconfig = cluster.scratch.write('kubeconfig', kubeconfig({ server: listening.url }))
    for (const name of ['kube-system', 'shop']) cluster.put(namespace({ name }))
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: secondsAgo(3600) }
    cluster.put(node({ name: 'node-1', status: { conditions: [ready], allocatable: { cpu: '4', memory: '8Gi' } } }))
    return cluster
  }

  put(object: Raw): void {
    this.server.table.create(object)
  }

  /** A Deployment of one pod. */
  deploy(name: string, pod: Seed): void {
    for (const object of Object.values(deployed({ name, pod: { name: `${name}-x`, ...pod } }))) this.put(object)
  }

  /** Starts a daemon with its checkpoint here; it is killed at the end, if it still lives. */
  async start(options: readonly string[] = []): Promise<DaemonProcess> {
    const args = ['--kubeconfig', this.#kubeconfig, '--checkpoint', this.checkpoint, '--log-level', 'debug']
    const daemon = await DaemonProcess.start(args, options)
    this.#left.defer(async () => void (await daemon.end('SIGKILL')))
    return daemon
  }

  /** Waits until a finding is on the disk: a save that ends now may have begun before there was one. */
  async kept(finding: string): Promise<void> {
    while (!(await holds(this.checkpoint, finding)) && !(await holds(`${this.checkpoint}.recent`, finding)))
      await rest(50)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#left.disposeAsync()
    this.scratch[Symbol.dispose]()
  }
}

async function holds(file: string, finding: string): Promise<boolean> {
  if (!existsSync(file)) return false
  for await (const chunk of fileHome(file).read())
    for (const { section, key } of await decode(chunk)) if (section === 'clock' && key === finding) return true
  return false
}
