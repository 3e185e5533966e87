import type { Frame } from './answer.ts'
import { pause } from './fault-effects.ts'
import type { FaultEffect } from './faults.ts'
import { isJson } from './object.ts'

/** Whether something happens to the event of this number; the first one is 0. Bookmarks count too. */
export type Chosen = (index: number, frame: Frame) => boolean

const every: Chosen = () => true
const isBookmark = ({ type }: Frame): boolean => type === 'BOOKMARK'
const isEvent: Chosen = (_, frame) => !isBookmark(frame)

/** What becomes of each event: several, one, none. */
function each(chosen: Chosen, change: (frame: Frame) => readonly Frame[]): FaultEffect {
  return {
    frames: async function* (frames, tools) {
      let index = 0
      for await (const frame of frames)
        if (chosen(index++, frame)) {
          tools.reached()
          yield* change(frame)
        } else yield frame
    },
  }
}

/** Events come twice. */
export const duplicateFrames = (chosen: Chosen = every): FaultEffect => each(chosen, (frame) => [frame, frame])

/** Events do not come; default: all but bookmarks. */
export const dropFrames = (chosen: Chosen = isEvent): FaultEffect => each(chosen, () => [])

/** No bookmark comes, not even the one that ends the first events. */
export const withoutBookmarks = (): FaultEffect => dropFrames((_, frame) => isBookmark(frame))

/** Nothing but bookmarks comes. */
export const onlyBookmarks = (): FaultEffect => dropFrames(isEvent)

/** Every event comes so many milliseconds late, in order, so that one kind lags behind the others. */
export const holdFrames = (ms: number, chosen: Chosen = every): FaultEffect => ({
  frames: async function* (frames, tools) {
    let index = 0
    for await (const frame of frames) {
      if (chosen(index++, frame)) {
        tools.reached()
        await pause(tools, ms)
      }
      yield frame
    }
  },
})

/** Ways to spoil an event. */
export type Spoiling = 'malformed' | 'unknown-type' | 'no-metadata' | 'no-object' | 'huge' | 'truncated'

const HUGE = 1_500_000
const lineOf = ({ type, object }: Frame): string => `${JSON.stringify({ type, object })}\n`

const SPOILED: Readonly<Record<Spoiling, (frame: Frame) => Frame>> = {
  malformed: (frame) => ({ ...frame, text: lineOf(frame).replace('{', '{{') }),
  'unknown-type': (frame) => ({ ...frame, type: 'RENAMED' }),
  'no-metadata': (frame) => ({
    ...frame,
    object: isJson(frame.object) ? { ...frame.object, metadata: undefined } : frame.object,
  }),
  'no-object': (frame) => ({ ...frame, object: undefined }),
  huge: (frame) => ({ ...frame, object: isJson(frame.object) ? { ...frame.object, padding: 'x'.repeat(HUGE) } : '' }),
  truncated: (frame) => ({ ...frame, text: `${lineOf(frame).slice(0, -20)}\n` }),
}

/** Events come spoiled; `huge` ones are whole, but 1.5 MB. Default: all but bookmarks. */
export const spoilFrames = (how: Spoiling, chosen: Chosen = isEvent): FaultEffect =>
  each(chosen, (frame) => [SPOILED[how](frame)])

/** Other events come in the place of one. */
export const replaceFrames = (chosen: Chosen, frames: readonly Frame[]): FaultEffect => each(chosen, () => frames)
