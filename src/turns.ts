import type { FindingView } from './sinks/envelope.ts'
import type { Fields, Logger } from './util/logger.ts'
import { formatTime } from './util/time.ts'
import type { Round } from './watchdog.ts'

/** One finding that began, ended or came into another state; as it is now, and what state it was in before. */
export interface Turn {
  readonly before: FindingView['state'] | undefined
  readonly finding: FindingView
}

/** Tells, round by round, what turned. */
export class Turns {
  readonly #last = new Map<string, FindingView>()

  /** Findings that were told by an earlier run. */
  recall(views: Iterable<FindingView>): void {
    for (const view of views) this.#last.set(view.id, view)
  }

  /** `now` in milliseconds. */
  of({ changed, gone }: Round, now: number): Turn[] {
    return [...changed.flatMap((view) => this.#turn(view)), ...gone.flatMap((id) => this.#end(id, now))]
  }

  #turn(finding: FindingView): Turn[] {
    const before = this.#last.get(finding.id)?.state
    this.#last.set(finding.id, finding)
    return before === finding.state ? [] : [{ before, finding }]
  }

  #end(id: string, now: number): Turn[] {
    const last = this.#last.get(id)
    this.#last.delete(id)
    if (!last) return []
    const finding: FindingView = {
      ...last,
      state: 'resolved',
      resolvedAt: formatTime(now),
      recommendations: [],
      refused: [],
    }
    return [{ before: last.state, finding }]
  }
}

/** Beyond so many at once, a log says how many there are and no more. */
const MOST_LINES = 50

/** Writes what turned into the log. What explains itself by another finding is left out. */
export function logTurns(turns: readonly Turn[], logger: Logger): void {
  const news = turns.filter(({ finding }) => finding.state !== 'inhibited')
  if (news.length > MOST_LINES) logger.info('findings changed', { count: news.length })
  else for (const { before, finding } of news) logger.info('finding changed', fieldsOf(finding, before))
}

const fieldsOf = ({ id, rule, severity, state, target, title }: FindingView, before: Turn['before']): Fields => ({
  id,
  rule: rule.id,
  severity,
  state,
  before,
  kind: target.kind,
  namespace: target.namespace,
  name: target.name,
  title,
})
