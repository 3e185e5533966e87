import type { Filters } from '../../sinks/published.ts'
import type { Clock } from '../../util/clock.ts'
import { formatTime } from '../../util/time.ts'
import type { FindingChange } from '../daemon-services.ts'
import { oneLine } from '../errors.ts'
import { changeLine } from '../render/changes.ts'
import { jsonLine } from '../render/json.ts'
import { sheetOf, type Sheet } from '../render/lines.ts'
import type { Console } from '../services.ts'
import type { DaemonClient } from './client.ts'
import { follow, news } from './follow.ts'

interface Telling {
  readonly client: DaemonClient
  readonly filters: Filters
  readonly clock: Clock
  readonly io: Console
  /** A JSON object a line, and with everything in it. */
  readonly json: boolean
}

/** Where lines of any length go: cut only where somebody looks. */
export const lineSheet = ({ terminal: { out, columns, colour } }: Console): Sheet =>
  sheetOf({ columns: out ? columns : Infinity, colour })

/** Prints what is there, and then each change, a line each, until the process is asked to stop. */
export async function tellChanges({ client, filters, clock, io, json }: Telling): Promise<void> {
  const line = (change: FindingChange, at: string): string =>
    json
      ? jsonLine({ at, before: change.before ?? null, finding: change.finding })
      : `${changeLine(change, at, lineSheet(io))}\n`
  let lost: string | undefined
  for await (const seen of news(follow({ client, filters, clock, signal: io.stop }))) {
    if (seen.lost !== lost) io.error(noteOf(seen.lost, clock.now()))
    lost = seen.lost
    for (const change of seen.changes) io.out(line(change, seen.envelope.generatedAt))
  }
}

const noteOf = (lost: string | undefined, now: number): string =>
  lost === undefined
    ? `${formatTime(now)}  the daemon answers again\n`
    : `${formatTime(now)}  ${oneLine(lost.split('\n')[0] ?? '')}; it is asked again until it answers\n`
