import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import { formatTime, MINUTE, SECOND } from '../../util/time.ts'
import type { Address } from '../client/address.ts'
import { DaemonClient } from '../client/client.ts'
import { follow, news } from '../client/follow.ts'
import { lineSheet, tellChanges } from '../client/tell.ts'
import type { Runtime } from '../commands/command.ts'
import { showLive } from '../live.ts'
import { changeLine } from '../render/changes.ts'
import { table } from '../render/table.ts'
import { isVisible } from '../render/words.ts'
import { EXIT } from '../services.ts'
import type { Stage } from './stage.ts'

/** What dogwatch was made for: the five that a demonstration must show. */
export const MISSION = ['crash-loop', 'oom-kill', 'pending-pod', 'orphaned-claim', 'over-provisioned'] as const

/** How long it may take to find them, in milliseconds of the machine. */
const PATIENCE = 2 * MINUTE

/** A demonstration that runs: the shop, and where its daemon answers. */
export interface Play {
  readonly stage: Stage
  readonly url: string
  /** What is said first of all. */
  readonly lines: readonly string[]
  readonly runtime: Runtime
  readonly signal: AbortSignal
}

const addressOf = (url: string): Address => ({
  url,
  token: () => Promise.resolve(undefined),
  authority: undefined,
  serverName: undefined,
})

/** Shows what becomes of the shop until it is stopped: on a terminal as a view, elsewhere a line for each change. */
export async function goOn({ stage, url, lines, runtime, signal }: Play): Promise<void> {
  const { io, clock } = runtime
  const address = addressOf(url)
  const notes = (): string[] => {
    const { at, says } = stage.happened() ?? {}
    return [...lines, ...(at === undefined ? [] : [`In the shop, ${formatTime(at).slice(11, 16)}: ${says ?? ''}`])]
  }
  if (io.terminal.drawable)
    await showLive({ io, address, filters: {}, clock, notes, now: () => stage.clock.now(), signal })
  else {
    const client = new DaemonClient({ address, clock, signal })
    await tellChanges({ client, filters: {}, clock, io: { ...io, stop: signal }, json: false })
  }
}

/** Tells each finding until the mission's five are there, then all of it. Gives the exit code. */
export async function untilFound({ url, runtime, signal }: Play): Promise<number> {
  const { io, clock, invocation } = runtime
  const late = new AbortController()
  const cancel = clock.after(PATIENCE, () => late.abort())
  const began = clock.now()
  const stop = AbortSignal.any([signal, late.signal])
  const client = new DaemonClient({ address: addressOf(url), clock, signal: stop })
  let missing: readonly string[] = MISSION
  try {
    for await (const { envelope, changes } of news(follow({ client, filters: {}, clock, signal: stop }))) {
      io.out(changes.map((change) => `${changeLine(change, envelope.generatedAt, lineSheet(io))}\n`).join(''))
      missing = missingIn(envelope.items)
      if (missing.length > 0) continue
      const seconds = Math.ceil((clock.now() - began) / SECOND)
      io.out(`\nFound what it was made for within ${seconds} s: ${MISSION.join(', ')}.\n\n`)
      io.out(await report(client, envelope, runtime))
      return EXIT.done
    }
  } finally {
    cancel()
  }
  if (signal.aborted) return EXIT.done
  io.error(`${invocation.name}: not found within ${PATIENCE / SECOND} s: ${missing.join(', ')}\n`)
  return EXIT.failed
}

function missingIn(items: readonly FindingView[]): string[] {
  const found = new Set(items.filter(isVisible).map(({ rule }) => rule.id))
  return MISSION.filter((rule) => !found.has(rule))
}

async function report(client: DaemonClient, envelope: Envelope, { io }: Runtime): Promise<string> {
  const { counts, kinds } = await client.status()
  const { columns, colour } = io.terminal
  const looked = { objects: counts.objects, kinds: new Set(kinds.map(({ resource }) => resource)).size }
  return table(envelope, { columns, colour, looked, leftOut: 0, explain: undefined })
}
