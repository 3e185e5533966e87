import { HOUR } from '../../util/time.ts'
import type { Course } from './course.ts'
import { take } from './follow.ts'
import type { Frame } from './frame.ts'
import { readPages, type PagedList } from './paged-list.ts'
import type { Differences, Relist } from './relist.ts'
import { troubleOf, WatchError, wordsOf } from './trouble.ts'
import { watchFrames } from './watch-stream.ts'

/** A server that cannot stream lists is asked again after so many milliseconds: it may be a newer one by then. */
const PAGES_FOR = 6 * HOUR

/** Streams that break before everything was sent, one after the other, after which pages are tried. */
const MOST_BROKEN = 2

/**
 * Lists everything, as a stream that goes on as a watch where the server can do that, else page by page. `onListed` is called once the list
 * is whole. Whether the watch went on and came to its regular end.
 */
export async function list(course: Course, signal: AbortSignal, onListed: () => void): Promise<boolean> {
  if (streams(course) && (await listByWatch(course, signal, onListed))) return true
  await listByPages(course, signal)
  onListed()
  return false
}

function streams(course: Course): boolean {
  const { options, context, pagesUntil } = course
  if (options.target.most !== undefined || context.clock.now() < pagesUntil) return false
  if (course.brokenStreams < MOST_BROKEN) return true
  course.brokenStreams = 0
  return false
}

async function listByWatch(course: Course, signal: AbortSignal, onListed: () => void): Promise<boolean> {
  try {
    await stream(course, signal, onListed)
    if (course.listFor === undefined) return true
    throw new WatchError('unreachable', 'the watch ended before everything was sent')
  } catch (error) {
    signal.throwIfAborted()
    if (course.listFor !== undefined) course.brokenStreams++
    const trouble = troubleOf(error)
    if (course.listFor === undefined || (trouble !== 'refused' && trouble !== 'frame')) throw error
    // One object that cannot be read must not keep the others away; page by page it is left out.
    if (trouble === 'frame') course.bad(wordsOf(error))
    else course.pagesUntil = course.context.clock.now() + PAGES_FOR
    return false
  }
}

async function stream(course: Course, signal: AbortSignal, onListed: () => void): Promise<void> {
  const { context, status } = course
  const relist = course.relist()
  for await (const frames of watchFrames(context, course.watch('start'), signal)) {
    signal.throwIfAborted()
    status.heard()
    for (const frame of frames)
      if (frame.type === 'bookmark' && frame.allSent && course.listFor !== undefined) {
        await listed(course, relist, { list: { version: frame.version, cut: false }, signal })
        course.opened = true
        course.brokenStreams = 0
        onListed()
      } else collect(course, relist, frame)
  }
}

/** Until everything was sent, frames are of the list; from then on they are news. */
function collect(course: Course, relist: Relist, frame: Frame): void {
  if (frame.type === 'opened') course.context.gate.served(course)
  else if (course.listFor === undefined) take(course, frame)
  else if (frame.type === 'changed') relist.add(frame.object)
  else if (frame.type === 'deleted') relist.drop(frame)
}

async function listByPages(course: Course, signal: AbortSignal): Promise<void> {
  const relist = course.relist()
  const onItem = (raw: unknown): void => relist.add(raw)
  const pages = await readPages(course.context, course.pages(), { onItem, signal })
  course.context.gate.answered(course)
  await listed(course, relist, { list: pages, signal })
  course.opened = false
}

interface Whole {
  readonly list: PagedList
  readonly signal: AbortSignal
}

async function listed(course: Course, relist: Relist, { list: whole, signal }: Whole): Promise<void> {
  const { held, status, setback, repeats } = course
  const behind = held.isBehind(whole.version)
  if (behind && !setback.confirm()) throw new WatchError('behind', 'the server shows an older state than it did before')
  const again = held.version !== undefined
  const differences = await relist.finish(whole, signal)
  setback.over()
  repeats.listed()
  if (again) status.counts.relists++
  if (whole.cut) course.leftOut()
  else if (course.hasRoom) status.whole()
  status.synced({ continuous: again && isContinuous(course, differences, behind) })
  course.listFor = undefined
}

/** Whether nothing can have been missed before a list: it shows nothing that was not known. */
function isContinuous(course: Course, { changed, gone, missed }: Differences, behind: boolean): boolean {
  const { listFor, repeats, status, context, name } = course
  const same = changed + gone === 0
  if (behind) context.logger.warn('the server was set back to an older state', { kind: name, changed, gone })
  if (same && listFor === 'silence') repeats.silenceIsNormal()
  status.counts.missed += missed
  return same && !behind && listFor !== 'gone'
}
