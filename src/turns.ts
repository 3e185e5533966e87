import type { FindingView } from './sinks/envelope.ts'
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
