import { plainText, truncate } from '../util/text.ts'
import { ofHistory, type History } from './container-history.ts'
import { sightingsOfContainer } from './events.ts'
import { fact, type Fact } from './fact.ts'
import { known, type Reading } from './reading.ts'
import type { View } from './subject.ts'

const CONFIG_CAUSES = [
  'missing-configmap',
  'missing-secret',
  'missing-key',
  'runs-as-root',
  'no-command',
  'other',
] as const
type ConfigCause = (typeof CONFIG_CAUSES)[number]

const WAITING = new Set(['CreateContainerConfigError', 'CreateContainerError'])

// What the kubelet says while it is itself still starting: it goes by itself within seconds.
const TRANSIENT = /failed to sync (?:configmap|secret) cache|services have not yet been read at least once/

interface Pattern {
  readonly cause: ConfigCause
  readonly text: RegExp
  readonly words: (parts: readonly string[]) => string
}

const NAME = String.raw`([\w.:/-]{1,300})`
const quoted = (what: string): RegExp => new RegExp(`^(?:Error: )?${what} "${NAME}" not found`)

// Names of objects and of keys are shown, values never stand in these messages.
const PATTERNS: readonly Pattern[] = [
  {
    cause: 'missing-configmap',
    text: quoted('configmap'),
    words: ([name]) => `ConfigMap "${name}" does not exist (not found)`,
  },
  { cause: 'missing-secret', text: quoted('secret'), words: ([name]) => `Secret "${name}" does not exist (not found)` },
  {
    cause: 'missing-key',
    text: new RegExp(`couldn't find key ${NAME} in (ConfigMap|Secret) ${NAME}`),
    words: ([key, kind, name]) => `${kind} ${name} has no key "${key}"`,
  },
  {
    cause: 'runs-as-root',
    text: /runAsNonRoot/,
    words: () => 'runAsNonRoot is set and the image would run as root, or as a user that is no number',
  },
  { cause: 'no-command', text: /no command specified/, words: () => 'neither the image nor the pod names a command' },
]

interface Problem {
  readonly cause: ConfigCause
  readonly words: string
}

function problemOf({ waiting: { reason, message } }: History): Problem | undefined {
  if (!WAITING.has(reason) || TRANSIENT.test(message)) return undefined
  for (const { cause, text, words } of PATTERNS) {
    const match = text.exec(message)
    if (match) return { cause, words: words(match.slice(1)) }
  }
  return { cause: 'other', words: truncate(plainText(message), 160) || reason }
}

/** Since when the kubelet says just this, in milliseconds. */
function sinceOf({ pod, container, waiting, lastEnded }: History, { snapshot }: View): number | undefined {
  const ended = lastEnded?.finishedAt ?? 0
  const same = sightingsOfContainer(pod, container.name, snapshot).filter(
    (seen) => seen.reason === 'Failed' && seen.message === `Error: ${waiting.message}` && seen.last >= ended,
  )
  return same.length === 0 ? undefined : Math.max(ended, Math.min(...same.map((seen) => seen.first)))
}

const tell =
  (pick: (problem: Problem) => string) =>
  (history: History, view: View): Reading => {
    const problem = problemOf(history)
    return problem ? known(pick(problem), { since: sinceOf(history, view) }) : known(null)
  }

const READS = [{ resource: 'events', index: 'eventsByObject', optional: true }] as const

/** Why a container cannot be made. */
export const CONTAINER_CONFIG_FACTS: readonly Fact[] = [
  fact({
    name: 'configCause',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    values: CONFIG_CAUSES,
    description: 'Why the kubelet cannot make the container from its configuration; null while it does not say so.',
    reads: READS,
    read: ofHistory(tell((problem) => problem.cause)),
  }),
  fact({
    name: 'configProblem',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    description: 'The same in words, naming the ConfigMap, Secret or key that is missing; never a value.',
    reads: READS,
    read: ofHistory(tell((problem) => problem.words)),
  }),
]
