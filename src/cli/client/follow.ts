import type { FindingView } from '../../sinks/envelope.ts'
import type { Changes, Filters, Published } from '../../sinks/published.ts'
import { sleep, type Clock } from '../../util/clock.ts'
import { SECOND } from '../../util/time.ts'
import type { FindingChange } from '../daemon-services.ts'
import { isNews } from '../render/changes.ts'
import type { DaemonClient, Gone } from './client.ts'
import { merged } from './merge.ts'
import { DaemonError } from './request.ts'

/** What is known of a daemon's findings now, and what it took to know it. */
export interface Seen {
  /** Everything that fits, with what stands around it. */
  readonly envelope: Published
  /** What is different from before; of the first look, nothing. */
  readonly changes: readonly FindingChange[]
  /** Why the daemon cannot be asked just now; the envelope is what was known before. */
  readonly lost: string | undefined
}

interface Following {
  readonly client: DaemonClient
  readonly filters: Filters
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** How long one question waits for news, in milliseconds. */
const WAIT = 30 * SECOND
const FIRST_PAUSE = SECOND
const LONGEST_PAUSE = 10 * SECOND

/**
 * Follows the findings of a daemon until the signal says so. A daemon that was restarted is listed again; one that does not answer is asked
 * again, and that is said.
 * @throws DaemonError when the first answer is none, or any answer is one that asking again cannot mend.
 */
export async function* follow({ client, filters, clock, signal }: Following): AsyncGenerator<Seen> {
  const first = await client.list(filters).catch((error: unknown) => {
    if (signal.aborted) return undefined
    throw error
  })
  if (first === undefined) return
  let envelope = first
  yield { envelope, changes: [], lost: undefined }
  let pause = FIRST_PAUSE
  while (!signal.aborted) {
    const came = await attempt(() => next(client, envelope, filters), signal)
    if (came === undefined) return
    if (typeof came === 'string') {
      yield { envelope, changes: [], lost: came }
      await sleep(clock, pause, signal).catch(() => undefined)
      pause = Math.min(2 * pause, LONGEST_PAUSE)
      continue
    }
    const changes = differences(envelope.items, came.items)
    envelope = came
    pause = FIRST_PAUSE
    yield { envelope, changes, lost: undefined }
  }
}

const BEGINNING = 'the daemon has just been started and is reading the cluster'

/** What is there after the next change, or after a while; why that cannot be said yet. */
async function next(client: DaemonClient, envelope: Published, filters: Filters): Promise<Published | string> {
  const changes: Changes | Gone = await client.changes(envelope.revision, filters, WAIT)
  if (changes !== 'gone') return merged(envelope, changes)
  // What it has not looked at yet is not over.
  const status = await client.statusIfAllowed()
  return status === undefined || status.ready.synced ? client.list(filters) : BEGINNING
}

/** What came of it; why nothing did, for now; or `undefined` when the signal ended it. */
async function attempt<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | string | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (signal.aborted) return undefined
    if (error instanceof DaemonError && error.passing) return error.message
    throw error
  }
}

/** The same, with only what somebody wants to hear of; what is there at first is news too. */
export async function* news(looks: AsyncIterable<Seen>): AsyncGenerator<Seen> {
  let first = true
  for await (const look of looks) {
    const { envelope, changes } = look
    const all = first ? envelope.items.map((finding) => ({ before: undefined, finding })) : changes
    first = false
    yield { ...look, changes: all.filter(isNews) }
  }
}

/** What is new, different in its state, or gone, in the order of the findings. */
function differences(before: readonly FindingView[], now: readonly FindingView[]): FindingChange[] {
  const old = new Map(before.map((item) => [item.id, item]))
  const ids = new Set(now.map(({ id }) => id))
  const changed = now.flatMap((finding) => {
    const was = old.get(finding.id)?.state
    return was === finding.state ? [] : [{ before: was, finding }]
  })
  const gone = before
    .filter(({ id, state }) => !ids.has(id) && state !== 'resolved')
    .map((finding) => ({ before: finding.state, finding: { ...finding, state: 'resolved' as const } }))
  return [...changed, ...gone]
}
