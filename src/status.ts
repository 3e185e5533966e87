import type { Freshness } from './cluster/freshness.ts'
import type { Keeper } from './keeper.ts'
import { freshnessView, readinessOf, unreadOf, type Readiness, type RulesStatus, type Status } from './sinks/status.ts'
import { formatTime } from './util/time.ts'
import type { Watchdog } from './watchdog.ts'

export interface Standpoint {
  readonly version: string
  readonly level: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly now: number
  readonly rows: readonly Freshness[]
  readonly rules: RulesStatus
  readonly watchdog: Watchdog
  /** Whether all there is was given out once. */
  readonly told: boolean
  readonly keeper: Pick<Keeper, 'path' | 'savedAt' | 'problem'>
}

const LISTENING: Readiness = {
  synced: true,
  fresh: false,
  waitingFor: ['word of the API server, after a time in which nothing was heard of it'],
}

/** How a daemon is, as `GET /status` answers. */
export function statusOf({ version, level, startedAt, now, rows, rules, watchdog, told, keeper }: Standpoint): Status {
  const findings: Record<string, number> = {}
  for (const { state } of watchdog.findings()) findings[state] = (findings[state] ?? 0) + 1
  return {
    version,
    cluster: watchdog.store.objects.cluster,
    startedAt: formatTime(startedAt),
    now: formatTime(now),
    mode: 'observe',
    level,
    ready: watchdog.begun && watchdog.held ? LISTENING : readinessOf(rows, told),
    rules,
    kinds: rows.map(freshnessView),
    blind: unreadOf(rows),
    counts: { objects: watchdog.store.objects.size, evaluations: watchdog.reconciler.evaluations, findings },
    checkpoint: {
      path: keeper.path,
      savedAt: keeper.savedAt === undefined ? null : formatTime(keeper.savedAt),
      problem: keeper.problem ?? null,
    },
  }
}
