import { setTimeout } from 'node:timers/promises'
import { SIZES } from './load/layout.ts'
import { Load } from './load/load.ts'
import { Subject } from './load/subject.ts'
import type { BenchOptions } from './options.ts'
import { fixed, table } from './table.ts'

const PORT = 18_689
const SECOND_MS = 1000
const POLL_MS = 100
const MOST_PER_MINUTE = 30
const MINUTE = 60

const total = (asked: Readonly<Record<string, number>>): number =>
  Object.values(asked).reduce((sum, count) => sum + count, 0)

/** What is asked of an API server that answers nothing but errors, and how soon all is well once it is. Counted at the server. */
export async function benchOutage({ pods, nodes, seconds }: BenchOptions): Promise<string> {
  await using load = await Load.start({ ...SIZES, pods, nodes })
  await using subject = Subject.daemon(load, PORT)
  await subject.synced()
  const { watches } = await load.tell('figures')
  await load.tell('refuse', { status: 503, left: Number.MAX_SAFE_INTEGER })
  await load.tell('trouble', { kind: 'reset' })
  await setTimeout(seconds * SECOND_MS)
  const during = total((await load.tell('figures')).asked)
  await load.tell('refuse', { status: 503, left: 0 })
  const began = performance.now()
  let after = 0
  for (let open = 0; open < watches;) {
    await setTimeout(POLL_MS)
    const figures = await load.tell('figures')
    after += total(figures.asked)
    open = figures.watches
  }
  const back = (performance.now() - began) / SECOND_MS
  const each = (during / seconds) * MINUTE
  // The first probes come closer together than the later ones: in a short outage they count for more.
  if (seconds >= MINUTE && each > MOST_PER_MINUTE) process.exitCode = 1
  return [
    `an outage of ${seconds} s: every connection broken, then 503`,
    '',
    table(
      ['requests', 'per minute', 'all watches back after s', 'requests until then'],
      [[String(during), fixed(each), fixed(back), String(after)]],
    ),
    '',
    `Target: at most ${MOST_PER_MINUTE} requests a minute.`,
  ].join('\n')
}
