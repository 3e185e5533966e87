import type { Mirror } from '../../src/cluster/mirror.ts'
import type { RecordedChange, Recording } from '../../src/cluster/recording.ts'

/** Time that goes on when it is told to; milliseconds since 1970. */
export interface PlayedClock {
  now(): number
  advance(ms: number): Promise<void>
}

export interface Playback {
  /** Takes what the recording saw. */
  readonly mirror: Mirror
  /** Stands at the time of the snapshot. */
  readonly clock: PlayedClock
  /** How long time goes on after the last change, in milliseconds. */
  readonly afterMs: number
  readonly signal?: AbortSignal | undefined
  /** How many changes were played. */
  readonly progress?: ((done: number) => void) | undefined
}

export interface Played {
  /** When it begins and ends, in milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly changes: number
}

/** Plays a recording: everything of the snapshot at once, then each change at its time. @throws RecordingError at a line that cannot be read. */
export async function play(recording: Recording, playback: Playback): Promise<Played> {
  const { mirror, clock, afterMs, signal, progress } = playback
  const from = clock.now()
  for (const object of recording.look.objects) mirror.put(object)
  mirror.watch(recording.look.looks)
  let changes = 0
  for await (const change of recording.changes()) {
    signal?.throwIfAborted()
    if (change.at > clock.now()) await clock.advance(change.at - clock.now())
    if (!apply(change, mirror)) continue
    changes++
    progress?.(changes)
  }
  await clock.advance(afterMs)
  return { from, to: clock.now(), changes }
}

/** Whether it was the change of an object. */
function apply(change: RecordedChange, mirror: Mirror): boolean {
  if (change.type === 'put') mirror.put(change.object)
  else if (change.type === 'remove') mirror.remove(change.uid, change.witnessed)
  else if (change.type === 'looks') mirror.watch(change.looks)
  return change.type === 'put' || change.type === 'remove'
}
