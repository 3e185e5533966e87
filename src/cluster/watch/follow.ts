import type { Course } from './course.ts'
import type { Frame } from './frame.ts'
import { readObject } from './relist.ts'
import { WatchError } from './trouble.ts'
import { isEarlier } from './versions.ts'
import { watchFrames } from './watch-stream.ts'

/** Follows every change from the version that is held, until the watch comes to its regular end. */
export async function follow(course: Course, signal: AbortSignal): Promise<void> {
  for await (const frames of watchFrames(course.context, course.watch('held'), signal)) {
    signal.throwIfAborted()
    course.status.heard()
    for (const frame of frames)
      if (frame.type === 'opened') resumed(course)
      else take(course, frame)
  }
}

function resumed(course: Course): void {
  if (course.opened) course.status.counts.restarts++
  course.opened = true
  course.context.gate.served(course)
  course.status.connected()
}

/**
 * Stores what a frame tells; the version moves on only after that, so that whatever could not be stored is told again.
 * @throws WatchError when it cannot be read or stored, or is from a server that lags behind.
 */
export function take({ held, repeats, options }: Course, frame: Exclude<Frame, { type: 'opened' }>): void {
  if (frame.type === 'bookmark') {
    if (held.isBehind(frame.version)) throw new WatchError('behind', 'the server is behind what it showed before')
    repeats.silenceIsNot()
  } else if (frame.type === 'deleted') {
    const version = held.versionOf(frame.uid)
    if (version !== undefined && !isEarlier(frame.version, version)) held.remove(frame.uid, true)
  } else if (held.isNews(frame.uid, frame.version)) {
    const object = readObject(options.target, frame.object)
    if (typeof object === 'string') throw new WatchError('frame', object)
    held.put(object)
  }
  held.advance(frame.version)
}
