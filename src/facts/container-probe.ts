import type { Container, Probe } from '../cluster/projection/pod-spec.ts'
import { MINUTE } from '../util/time.ts'
import { conditionOf, conditionSince } from './condition.ts'
import { ofHistory, type History } from './container-history.ts'
import { sightingsOfContainer } from './events.ts'
import { fact, type Fact } from './fact.ts'
import { startingUntil } from './pod-readiness.ts'
import { budgetOf } from './probe-budget.ts'
import { known, unknown, type Known, type Reading } from './reading.ts'
import { containersOf, type View } from './subject.ts'
import { terminationCause } from './termination.ts'

const PROBES = ['readiness', 'liveness', 'startup'] as const
type ProbeKind = (typeof PROBES)[number]

const probeOf = (spec: Container, kind: ProbeKind): Probe | undefined =>
  ({ readiness: spec.readinessProbe, liveness: spec.livenessProbe, startup: spec.startupProbe })[kind]

// A container that a probe ended goes on to be told of so long after, though it runs again.
const REMEMBERED = 15 * MINUTE

/** A probe that had the kubelet end the last run. */
function endedByProbe(history: History, view: View): Known | undefined {
  const { lastEnded: { finishedAt } = {}, container } = history
  if (finishedAt === undefined || view.now - finishedAt >= REMEMBERED || container.role === 'init') return undefined
  const cause = terminationCause(history, view)
  const kind = cause === 'liveness-probe' ? 'liveness' : cause === 'startup-probe' ? 'startup' : undefined
  return kind && known(kind, { since: finishedAt, until: finishedAt + REMEMBERED })
}

/** Since when this container itself is not ready: told by the pod where it alone decides. */
function unreadySince({ pod }: History, startedAt: number): number | undefined {
  const deciding = containersOf(pod).filter(({ role }) => role !== 'init')
  const condition = conditionOf(pod.status?.conditions, 'ContainersReady')
  const at = condition?.status === 'False' ? conditionSince(condition) : undefined
  return deciding.length === 1 && at !== undefined ? Math.max(at, startedAt) : undefined
}

/** Whether a running container has had the time that its readiness probe is given, and is not ready. */
function misses({ container, running }: History, now: number): boolean {
  const probe = container.spec.readinessProbe
  const { ready, started } = container.status ?? {}
  if (!probe || running?.startedAt === undefined) return false
  return ready === false && started !== false && now >= running.startedAt + budgetOf(probe)
}

/**
 * The readiness probe of a container that runs and is not ready. A program that is still warming up refuses the connection or answers 5xx,
 * and has the time that its owner gives it; one that answers 4xx is up and is asked the wrong question.
 */
function unready(history: History, view: View): Known | undefined {
  const { pod, running } = history
  if (!misses(history, view.now)) return undefined
  const until = startingUntil(pod, view)
  const said = lastAnswer(history, 'readiness', view)
  if (until !== undefined && !said?.startsWith('HTTP status 4')) return known(null, { until })
  return known('readiness', { since: unreadySince(history, running?.startedAt ?? 0) })
}

/** Which probe fails; `null` while none is known to. */
function failingProbe(history: History, view: View): Known {
  if (history.pod.metadata.deletionTimestamp !== undefined) return known(null)
  return endedByProbe(history, view) ?? unready(history, view) ?? known(null)
}

/** What a probe asks, without the query of a path: that is where tokens stand. */
function describe({ httpGet, tcpSocket, grpc, exec }: Probe): string {
  if (httpGet)
    return `${httpGet.scheme === 'HTTPS' ? 'HTTPS ' : ''}GET :${httpGet.port ?? ''}${(httpGet.path ?? '/').replace(/[?#].*$/, '')}`
  if (tcpSocket) return `TCP :${tcpSocket.port ?? ''}`
  if (grpc) return `gRPC :${grpc.port ?? ''}`
  return exec ? 'command in the container' : 'probe'
}

const target = (history: History, view: View): Reading => {
  const { value } = failingProbe(history, view)
  const kind = PROBES.find((name) => name === value)
  const probe = kind && probeOf(history.container.spec, kind)
  return known(probe ? describe(probe) : null)
}

const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/connection refused/, 'connection refused'],
  [/deadline exceeded|timeout|timed out|Client\.Timeout/, 'no answer in time'],
  [/NOT_SERVING/, 'not serving'],
  [/no route to host|network is unreachable/, 'no route'],
  [/x509|tls:/i, 'TLS error'],
  [/EOF|connection reset/, 'connection closed'],
]
const STATUS = /HTTP probe failed with statuscode: (\d{3})\b/

/** What came back, in words of ours: the output of a command or a page is the program's own, and is never shown. */
function answerIn(message: string, probe: Probe | undefined): string {
  const status = STATUS.exec(message)?.[1]
  if (status !== undefined) return `HTTP status ${status}`
  if (probe?.exec) return 'the command failed'
  return ANSWERS.find(([pattern]) => pattern.test(message))?.[1] ?? 'failed'
}

/** What a probe of this container was answered by the latest Event that tells. */
function lastAnswer({ pod, container }: History, kind: ProbeKind, { snapshot }: View): string | undefined {
  const said = sightingsOfContainer(pod, container.name, snapshot).find(
    ({ reason, message }) => reason === 'Unhealthy' && message.toLowerCase().startsWith(`${kind} probe `),
  )
  return said && answerIn(said.message, probeOf(container.spec, kind))
}

const answer = (history: History, view: View): Reading => {
  const { value } = failingProbe(history, view)
  const kind = PROBES.find((name) => name === value)
  if (kind === undefined) return known(null)
  const said = lastAnswer(history, kind, view)
  return said === undefined ? unknown('not-recorded', 'no Event tells what the probe was answered') : known(said)
}

const READS = [
  { resource: 'events', index: 'eventsByObject', optional: true },
  { resource: 'replicasets.apps', optional: true },
  { resource: 'deployments.apps', optional: true },
] as const
type Read = (history: History, view: View) => Reading

const probeFact = (about: { name: string; description: string; values?: readonly string[] }, read: Read): Fact =>
  fact({ ...about, subjects: ['container'], type: 'string', nullable: true, reads: READS, read: ofHistory(read) })

/** Probes that fail. */
export const CONTAINER_PROBE_FACTS: readonly Fact[] = [
  probeFact(
    {
      name: 'failingProbe',
      values: PROBES,
      description:
        'The probe that fails: `readiness` while the container runs and is not ready, `liveness` and `startup` for 15 minutes after the kubelet ended the container for it; null while none is known to.',
    },
    failingProbe,
  ),
  probeFact({ name: 'probeTarget', description: 'What the failing probe asks, such as `GET :8080/healthz`.' }, target),
  probeFact(
    {
      name: 'probeAnswer',
      description: 'What the failing probe was answered, such as `HTTP status 404`, by the last Event.',
    },
    answer,
  ),
]
