import { ofHistory, type History } from './container-history.ts'
import { sightingsOfContainer, type Sighting } from './events.ts'
import { fact, type Fact } from './fact.ts'
import { known, unknown, type Reading } from './reading.ts'
import type { View } from './subject.ts'
import { earliest } from '../util/time.ts'

/** Why an image cannot be had. */
const IMAGE_CAUSES = [
  'not-found',
  'access-denied',
  'rate-limited',
  'registry-unreachable',
  'certificate',
  'wrong-platform',
  'disk-full',
  'pull-policy-never',
  'invalid-name',
  'signature',
  'other',
] as const
type ImageCause = (typeof IMAGE_CAUSES)[number]

// The kubelet's own words for a container that waits for its image.
const WAITING = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'ErrImageInspect',
  'RegistryUnavailable',
  'SignatureValidationFailed',
])

interface Pattern {
  readonly cause: ImageCause
  readonly text: RegExp
  readonly words: string
}

// In order: a registry that wants a login says 404 or "may not exist" of what it hides, and a rate limit comes as a refusal.
const PATTERNS: readonly Pattern[] = [
  {
    cause: 'pull-policy-never',
    text: /ErrImageNeverPull|is not present with pull policy of Never/,
    words: 'the image is not on the node and imagePullPolicy Never forbids to pull it',
  },
  {
    cause: 'invalid-name',
    text: /InvalidImageName|invalid reference format|couldn't parse image/,
    words: 'the name of the image is not valid',
  },
  {
    cause: 'signature',
    text: /SignatureValidationFailed|signature validation failed/i,
    words: 'the signature of the image was refused',
  },
  {
    cause: 'rate-limited',
    text: /\b429\b|toomanyrequests|too many requests|rate limit/i,
    words: 'the registry limits how often may be pulled (429 Too Many Requests)',
  },
  { cause: 'disk-full', text: /no space left on device/i, words: 'no space left on the disk of the node' },
  {
    cause: 'wrong-platform',
    text: /no match(?:ing manifest)? for (?:platform|linux|windows)|no matching manifest/i,
    words: 'the image was not built for the platform of the node',
  },
  {
    cause: 'certificate',
    text: /x509:|certificate|server gave HTTP response to HTTPS client/i,
    words: 'the certificate of the registry is not trusted',
  },
  {
    cause: 'access-denied',
    text: /pull access denied|may require/i,
    words: 'the registry refuses access, or has no such repository',
  },
  {
    cause: 'access-denied',
    text: /\b40[13]\b|unauthori[sz]ed|failed to authorize|authoriz|authentication|access denied|denied:|insufficient_scope|no basic auth|forbidden/i,
    words: 'the registry refuses access (not authorized)',
  },
  {
    cause: 'not-found',
    text: /not found|\b404\b|manifest unknown|name unknown|does not exist/i,
    words: 'the registry has no such image or tag (not found)',
  },
  {
    cause: 'registry-unreachable',
    text: /RegistryUnavailable|dial tcp|no such host|timeout|timed out|deadline exceeded|connection re(?:fused|set)|server misbehaving|unexpected EOF|\b50[0234]\b/i,
    words: 'the registry cannot be reached',
  },
]
const OTHER: Pattern = { cause: 'other', text: /(?:)/, words: 'the image cannot be pulled' }

const OF_A_PULL =
  /^(?:Failed to pull image|Back-off pulling image|Error: (?:ErrImage|ImagePull|InvalidImage|ImageInspect)|Container image .* is not present)/

const isPull = ({ message }: Sighting): boolean => OF_A_PULL.test(message)

/** The Events of this wait: since the container last ran. */
const pullsOf = ({ pod, container, lastEnded }: History, { snapshot }: View): readonly Sighting[] =>
  sightingsOfContainer(pod, container.name, snapshot).filter(
    (seen) => isPull(seen) && seen.last >= (lastEnded?.finishedAt ?? 0),
  )

/** What was said of the pull, the present words first, without the image's own name: it may hold any of the words that are looked for. */
function wordsOf({ container, waiting }: History, pulls: readonly Sighting[]): readonly string[] {
  const { image = '' } = container.spec
  const plain = (text: string): string => (image === '' ? text : text.replaceAll(image, ''))
  return [`${waiting.reason} ${plain(waiting.message)}`, ...pulls.map((seen) => plain(seen.message))]
}

interface Failure {
  readonly pattern: Pattern
  readonly since: number | undefined
}

/** Why the container waits for its image; `undefined` while it does not. */
function failureOf(history: History, view: View): Failure | undefined {
  if (!WAITING.has(history.waiting.reason)) return undefined
  const pulls = pullsOf(history, view)
  const words = wordsOf(history, pulls)
  const found = words.map((text) => PATTERNS.find((pattern) => pattern.text.test(text))).find((pattern) => pattern)
  const since = earliest(pulls.map((seen) => Math.max(seen.first, history.lastEnded?.finishedAt ?? 0)))
  return { pattern: found ?? OTHER, since }
}

const cause = (history: History, view: View): Reading => {
  const failure = failureOf(history, view)
  return failure ? known(failure.pattern.cause, { since: failure.since }) : known(null)
}

/** Whether the pod brings credentials; those of its service account are written into the pod when it is made. */
function credentials({ pod }: History): string {
  const names = (pod.spec?.imagePullSecrets ?? []).map((secret) => secret.name ?? '').filter(Boolean)
  return names.length === 0 ? 'the pod names no imagePullSecrets' : `with imagePullSecrets ${names.join(', ')}`
}

const problem = (history: History, view: View): Reading => {
  const failure = failureOf(history, view)
  if (!failure) return known(null)
  const { cause: why, words } = failure.pattern
  return known(why === 'access-denied' ? `${words}: ${credentials(history)}` : words, { since: failure.since })
}

const READS = [{ resource: 'events', index: 'eventsByObject', optional: true }] as const

/** The image of a container and why it cannot be had. */
export const CONTAINER_IMAGE_FACTS: readonly Fact[] = [
  fact({
    name: 'image',
    subjects: ['container'],
    type: 'string',
    description: 'The image, as the pod names it.',
    reads: [],
    read: ({ container }) =>
      container?.spec.image === undefined ? unknown('not-recorded', 'the image') : known(container.spec.image),
  }),
  fact({
    name: 'imagePullCause',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    values: IMAGE_CAUSES,
    description:
      'Why the container cannot have its image, from what the registry said; null while it does not wait for one.',
    reads: READS,
    read: ofHistory(cause),
  }),
  fact({
    name: 'imagePullProblem',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    description: 'The same in words, with the credentials the pod brings where access was refused.',
    reads: READS,
    read: ofHistory(problem),
  }),
]
