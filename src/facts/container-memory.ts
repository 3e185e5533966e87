import { ofHistory, type History, type Run } from './container-history.ts'
import { fact, type Fact } from './fact.ts'
import { amountOf } from './quantities.ts'
import { bounds, known, type Reading } from './reading.ts'
import { latestBegunBy, leaves, timesOf } from './restarts.ts'
import type { View } from './subject.ts'

const byMemory = ({ ended }: Run): boolean => ended?.reason === 'OOMKilled'

interface Window {
  readonly from: number
  readonly history: History
}

/** How many runs may have ended after `from` without anybody having seen how. */
function unseenEnds({ from, history }: Window): number {
  const { runs, running, lastEnded, restarts } = history
  const last = running || !lastEnded ? restarts - 1 : restarts
  const over = runs.filter((run) => (run.finishedAt ?? Infinity) <= from).map((run) => run.number + 1)
  const first = Math.max(latestBegunBy(runs, from), ...over)
  const seen = runs.filter(({ number, finishedAt }) => finishedAt !== undefined && number >= first && number <= last)
  return Math.max(0, last - first + 1 - seen.length)
}

/**
 * How often the container was killed for memory in the window before now. The status tells of two deaths at most; more are remembered
 * once they were seen. Of those that nobody saw each may have been one. `until`: when the first of the dates leaves the window.
 */
function oomKillsIn(history: History, view: View, windowMs: number): Reading {
  if (!history.lastEnded && history.restarts === 0) return known(0)
  const from = view.now - windowMs
  const times = history.runs.filter(byMemory).flatMap(({ finishedAt = 0 }) => (finishedAt > from ? finishedAt : []))
  return known(bounds(times.length, times.length + unseenEnds({ from, history })), {
    since: times.length > 0 ? Math.max(...times) : undefined,
    until: leaves(timesOf(history.runs), windowMs, view.now),
  })
}

function oomScope({ pod, container, runs }: History): Reading {
  if (!runs.some(byMemory)) return known(null)
  const limit = amountOf(pod, container, 'limits', 'memory')
  return known(limit === null ? 'no limit: the node was short of memory' : 'the limit was reached')
}

/** Kills for memory. */
export const CONTAINER_MEMORY_FACTS: readonly Fact[] = [
  fact({
    name: 'oomKillsIn',
    subjects: ['container'],
    type: 'number',
    description:
      'How often the container was killed for memory (reason OOMKilled) in the window before now, each death counted once.',
    parameters: { window: { type: 'duration', description: 'The time before now that is looked at.' } },
    reads: [{ resource: 'events', index: 'eventsByObject', optional: true }],
    read: ofHistory((history, view, { window }) => oomKillsIn(history, view, Number(window))),
  }),
  fact({
    name: 'oomScope',
    subjects: ['container'],
    type: 'string',
    nullable: true,
    values: ['the limit was reached', 'no limit: the node was short of memory'],
    description:
      'What was exhausted when the container was killed for memory; null when its status tells of no such death.',
    reads: [],
    read: ofHistory(oomScope),
  }),
]
