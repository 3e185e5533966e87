import { ago, deployed, type Raw, type Seed } from './build.ts'

type Fields = Readonly<Record<string, unknown>>

/** One container of a built pod: what is asked for, and what the kubelet says of it. */
export interface ContainerSeed {
  /** Default `app`. */
  readonly name?: string
  readonly role?: 'init' | 'sidecar' | 'main'
  readonly spec?: Fields
  /** Left out: the kubelet has said nothing. */
  readonly status?: Fields
}

/** A Deployment shop/cart with one pod of these containers; running on `node-1` since a day unless told otherwise. */
export function cart(
  containers: readonly ContainerSeed[],
  seed: Seed = {},
): { readonly pod: Raw; readonly all: Raw[] } {
  const init = containers.filter(({ role = 'main' }) => role !== 'main')
  const main = containers.filter(({ role = 'main' }) => role === 'main')
  const { spec, status, ...rest } = seed
  const { deployment, replicaSet, pod } = deployed({
    pod: {
      spec: {
        nodeName: 'node-1',
        restartPolicy: 'Always',
        initContainers: init.map(specOf),
        containers: main.map(specOf),
        ...asFields(spec),
      },
      status: {
        phase: 'Running',
        startTime: rest.created ?? ago('1d'),
        initContainerStatuses: init.flatMap(statusOf),
        containerStatuses: main.flatMap(statusOf),
        ...asFields(status),
      },
      ...rest,
    },
  })
  return { pod, all: [deployment, replicaSet, pod] }
}

const asFields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {})

const specOf = ({ name = 'app', role, spec }: ContainerSeed): Fields => ({
  name,
  image: 'registry.test/shop/cart:1.4',
  ...(role === 'sidecar' ? { restartPolicy: 'Always' } : {}),
  ...spec,
})

const statusOf = ({ name = 'app', status }: ContainerSeed): Fields[] =>
  status === undefined ? [] : [{ name, ready: false, restartCount: 0, ...status }]

/** `state` or `lastState` of a run that goes on. */
export const running = (started: string): Fields => ({ running: { startedAt: ago(started) } })

/** `state` or `lastState` of a run that ended. */
export const ended = (started: string, finished: string, how: Fields = {}): Fields => ({
  terminated: { exitCode: 1, reason: 'Error', startedAt: ago(started), finishedAt: ago(finished), ...how },
})

/** `state` of a container that waits. */
export const waiting = (reason: string, message?: string): Fields => ({ waiting: { reason, message } })

/** What the kubelet writes for a container that it holds back. */
export const backOff = (wait: string): Fields =>
  waiting('CrashLoopBackOff', `back-off ${wait} restarting failed container=app pod=cart-6d4f-x2x4z_shop(uid)`)
