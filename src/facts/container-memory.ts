import { ofHistory, type History, type Run } from './container-history.ts'
import { fact, type Fact } from './fact.ts'
import { amountOf } from './quantities.ts'
import { bounds, known, type Reading } from './reading.ts'
import { countAfter } from './restarts.ts'
import type { View } from './subject.ts'

const byMemory = ({ ended }: Run): boolean => ended?.reason === 'OOMKilled'

/** Once per death: the status may tell of the same one twice. */
const distinct = (runs: readonly Run[]): readonly Run[] => [
  ...new Map(runs.map((run) => [run.finishedAt, run])).values(),
]

/** At most how many runs ended after `from`: those that were followed by a restart, and the present one when it is over. */
function endsAfter(from: number, history: History, view: View): number {
  const [, restarts] = countAfter(from, history, view)
  return history.running || !history.lastEnded ? restarts : restarts + 1
}

/**
 * How often the container was killed for memory in the window before now. The status tells of two deaths at most, so with more restarts
 * than that there may have been more. `until`: when the first that is counted leaves the window.
 */
function oomKillsIn(history: History, view: View, windowMs: number): Reading {
  if (!history.lastEnded && history.restarts === 0) return known(0)
  const from = view.now - windowMs
  const ended = distinct(history.runs.filter((run) => run.finishedAt !== undefined))
  const inside = ended.filter((run) => (run.finishedAt ?? 0) > from)
  const kills = inside.filter(byMemory)
  const others = inside.length - kills.length
  const told = inside.length < ended.length
  const most = told ? kills.length : Math.max(kills.length, endsAfter(from, history, view) - others)
  const times = kills.map((run) => run.finishedAt ?? from)
  return known(bounds(kills.length, most), {
    since: times.length > 0 ? Math.max(...times) : undefined,
    until: times.length > 0 ? Math.min(...times) + windowMs : undefined,
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
