import type { ObjectOf } from '../cluster/kinds.ts'
import { plainText, truncate } from '../util/text.ts'
import { sightingsOf, type Sighting } from './events.ts'
import { known, unknown, type Reading } from './reading.ts'
import { containersOf, type View } from './subject.ts'

type Pod = ObjectOf<'pods'>

/** Why a pod that has a node does not get as far as its first container. */
export const MOUNT_CAUSES = [
  'missing-configmap',
  'missing-secret',
  'missing-claim',
  'missing-key',
  'in-use-elsewhere',
  'attach',
  'path',
  'sandbox',
  'other',
] as const
type MountCause = (typeof MOUNT_CAUSES)[number]

const REASONS = new Set(['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'FailedCreatePodSandBox'])

// What the kubelet says while it is itself still starting, and the summary it adds to a reason that it has given before.
const TRANSIENT =
  /failed to sync (?:configmap|secret) cache|object "[^"]*"\/"[^"]*" not registered|^Unable to attach or mount volumes/

interface Pattern {
  readonly cause: MountCause
  readonly text: RegExp
  readonly words: (name: string, volume: string) => string
}

const NAME = String.raw`"?([\w./:-]{1,300}?)"?`

const PATTERNS: readonly Pattern[] = [
  {
    cause: 'missing-configmap',
    text: new RegExp(`configmap ${NAME} not found`),
    words: (name, volume) => `ConfigMap "${name}" does not exist (not found)${volume}`,
  },
  {
    cause: 'missing-secret',
    text: new RegExp(`secret ${NAME} not found`),
    words: (name, volume) => `Secret "${name}" does not exist (not found)${volume}`,
  },
  {
    cause: 'missing-key',
    text: new RegExp(`references non-existent (?:config|secret) key: ${NAME}(?:$|\\s)`),
    words: (name, volume) => `the key "${name}" does not exist${volume}`,
  },
  {
    cause: 'missing-claim',
    text: new RegExp(`persistentvolumeclaim ${NAME} not found`, 'i'),
    words: (name, volume) => `claim "${name}" does not exist (not found)${volume}`,
  },
  {
    cause: 'in-use-elsewhere',
    text: /Multi-Attach error/,
    words: (_, volume) => `the volume is still attached to another node${volume}`,
  },
  {
    cause: 'attach',
    text: /^AttachVolume/,
    words: (_, volume) => `the volume cannot be attached to the node${volume}`,
  },
  {
    cause: 'path',
    text: /hostPath type check failed|is not a directory|no such file or directory|does not exist/,
    words: (_, volume) => `the path on the node or in the share does not exist, or is of another kind${volume}`,
  },
]

// Of a driver's own words only this much is known to be no secret: mount options are where passwords stand.
const VOLUME = /for volume "([\w.-]{1,253})"/

interface Problem {
  readonly cause: MountCause
  readonly words: string
}

function read({ reason, message }: Sighting): Problem {
  const name = VOLUME.exec(message)?.[1]
  const volume = name === undefined ? '' : ` (volume ${name})`
  if (reason === 'FailedCreatePodSandBox') return { cause: 'sandbox', words: truncate(plainText(message), 200) }
  for (const { cause, text, words } of PATTERNS) {
    const match = text.exec(message)
    if (match) return { cause, words: words(match[1] ?? '', volume) }
  }
  return { cause: 'other', words: `the volume cannot be mounted${volume}` }
}

/** Whether nothing of the pod has run yet: its volumes and its sandbox come first. */
const hasNotBegun = (pod: Pod): boolean =>
  pod.status?.phase === 'Pending' &&
  pod.spec?.nodeName !== undefined &&
  pod.metadata.deletionTimestamp === undefined &&
  containersOf(pod).every(({ status }) => {
    const { running, terminated } = status?.state ?? {}
    return !running && !terminated && !status?.lastState?.terminated && (status?.restartCount ?? 0) === 0
  })

/** Why a pod cannot begin, with the time from which that is said; `null` once something of it ran. */
export function mountProblem(pod: Pod, { snapshot }: View, pick: (problem: Problem) => string): Reading {
  if (!hasNotBegun(pod)) return known(null)
  const look = snapshot.look('events', pod.metadata.namespace)
  if (typeof look === 'object') return unknown(look.unknown, look.detail)
  const failures = sightingsOf(pod, snapshot).filter(
    ({ reason, message }) => REASONS.has(reason) && !TRANSIENT.test(message),
  )
  const [latest] = failures
  if (!latest) return known(null)
  return known(pick(read(latest)), { since: Math.min(...failures.map((seen) => seen.first)) })
}
