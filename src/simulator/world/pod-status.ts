import { formatTime } from '../../util/time.ts'
import { conditionOf, withCondition } from './conditions.ts'
import type { ContainerLife } from './container-life.ts'
import { noise, seedOf } from './curve.ts'
import type { Condition, ContainerSpec, ContainerStatus, Pod, PodStatus, Resources } from './objects.ts'

/** What the kubelet knows of a pod. */
export interface Situation {
  readonly lives: readonly ContainerLife[]
  readonly hostIP: string
  readonly podIP: string
  /** Milliseconds since 1970. */
  readonly started: number
  readonly sandbox: boolean
  readonly now: number
}

/** Guaranteed, Burstable or BestEffort, by what the containers ask for. */
export function qosClass({ spec }: Pod): string {
  const all = spec.containers.map(({ resources }) => resources ?? {})
  if (all.every(({ requests, limits }) => requests === undefined && limits === undefined)) return 'BestEffort'
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

const isGuaranteed = ({ requests = {}, limits = {} }: Resources): boolean =>
  ['cpu', 'memory'].every((name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name])

/** The status of a pod, as its kubelet writes it. */
export function statusOf(pod: Pod, situation: Situation): PodStatus {
  const { hostIP, podIP, started, lives } = situation
  const phase = phaseOf(lives)
  const running = phase === 'Pending' || phase === 'Running'
  const { resources } = pod.spec.containers[0] ?? {}
  return {
    observedGeneration: pod.metadata.generation ?? 1,
    phase,
    conditions: conditionsOf(pod, situation, phase),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(running && situation.sandbox ? { podIP, podIPs: [{ ip: podIP }] } : {}),
    startTime: formatTime(started),
    containerStatuses: lives.map(containerStatus),
    qosClass: qosClass(pod),
    ...(pod.spec.containers.length === 1 ? resourcesOf(resources) : {}),
  }
}

function phaseOf(lives: readonly ContainerLife[]): string {
  if (lives.every(({ over }) => over))
    return lives.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed'
  return lives.every(({ containerID }) => containerID === undefined) ? 'Pending' : 'Running'
}

function conditionsOf(pod: Pod, { lives, sandbox, now }: Situation, phase: string): Condition[] {
  const over = phase === 'Succeeded' || phase === 'Failed'
  const unready = lives.filter(({ ready }) => !ready).map(({ spec }) => spec.name)
  const ready = readiness(phase, unready)
  const said: Condition[] = [
    { type: 'PodReadyToStartContainers', status: sandbox && !over ? 'True' : 'False' },
    { type: 'Initialized', status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ]
  const before = pod.status?.conditions
  const own = said.map((one) => {
    const [made] = withCondition(
      [conditionOf(before, one.type)].filter((found) => found !== undefined),
      { ...one, observedGeneration: pod.metadata.generation ?? 1, lastProbeTime: null },
      now,
    )
    return made ?? one
  })
  const others = (before ?? []).filter(({ type }) => !said.some((one) => one.type === type))
  return [...own, ...others]
}

function readiness(phase: string, unready: readonly string[]): Omit<Condition, 'type'> {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  if (unready.length === 0) return { status: 'True' }
  const message = `containers with unready status: [${unready.join(' ')}]`
  return { status: 'False', reason: 'ContainersNotReady', message }
}

const resourcesOf = (resources: Resources | undefined): object => ({
  ...(resources?.requests ? { allocatedResources: resources.requests } : {}),
  resources: resources ?? {},
})

// The runtime names an image by its digest once it has it.
const digestOf = (image: string): string =>
  `sha256:${Array.from({ length: 8 }, (_, at) => Math.floor(noise(seedOf(image), at) * 2 ** 32))
    .map((part) => part.toString(16).padStart(8, '0'))
    .join('')}`

function containerStatus(life: ContainerLife): ContainerStatus {
  const { spec, state, lastState, ready, restartCount, containerID } = life
  const had = containerID !== undefined
  return {
    name: spec.name,
    state,
    lastState,
    ready,
    restartCount,
    image: had ? fullName(spec.image) : spec.image,
    imageID: had ? digestOf(spec.image) : '',
    ...(had ? { containerID } : {}),
    started: state.running !== undefined,
    ...(had ? resourcesOf(spec.resources) : {}),
    volumeMounts: mountsOf(spec),
    ...(had ? { user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } } } : {}),
  }
}

const fullName = (image: string): string => (image.includes('/') ? image : `docker.io/library/${image}`)

const mountsOf = ({ volumeMounts = [] }: ContainerSpec): object[] =>
  volumeMounts.map((mount) => ('readOnly' in mount ? { ...mount, recursiveReadOnly: 'Disabled' } : mount))
