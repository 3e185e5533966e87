import { MINUTE, SECOND } from '../../util/time.ts'
import { refusalOf } from '../api.ts'
import { BINARY } from '../encoded.ts'
import { TransportError, type ApiResponse } from '../transport.ts'
import type { WatchContext } from './context.ts'
import { Cut } from './deadline.ts'
import type { Frame } from './frame.ts'
import { framing } from './frame-reader.ts'
import { WatchError } from './trouble.ts'
import { Turns } from './turns.ts'

export interface WatchQuestion {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Whether the kind can be read in its binary form. */
  readonly binary: boolean
  /** Whether the objects that there are come first. */
  readonly fromStart: boolean
  /** Which of several waits before others to be opened. */
  readonly rank: number
}

/** Bytes of one frame; etcd takes objects of at most 1.5 MB unless told otherwise. */
const LONGEST_FRAME = 8 * 2 ** 20
/** An answer to the question itself: longer than a server's own limit of 60 s for requests. */
const ANSWER_WITHIN = 90 * SECOND
/** Bookmarks come every 59 to 61 seconds, so that this is two of them and some patience. */
const SILENCE = 150 * SECOND
/** Between two frames while the objects come that there are. */
const PROGRESS = MINUTE
/** The server ends a watch after this many seconds, or up to twice as many. */
const LASTS = 300
/** What a server is given beyond the time that it was told, before we end the watch ourselves. */
const GRACE = 30

const JSON_TYPE = 'application/json'

const silence = (): Error => new WatchError('silence', `no sign of life for ${SILENCE / SECOND} s`)
const noAnswer = (): Error => new TransportError('timeout', `no answer for ${ANSWER_WITHIN / SECOND} s`)
const noProgress = (): Error => new WatchError('refused', `no object and no end for ${PROGRESS / SECOND} s`)

/**
 * Opens a watch and reads it to its end, which is either the server's or comes a little after the time that it was given. Frames come
 * together as they arrive: of a hundred thousand objects, each step for one of them counts.
 * @throws WatchError, StatusError or TransportError for every other end.
 */
export async function* watchFrames(
  context: WatchContext,
  question: WatchQuestion,
  signal: AbortSignal,
): AsyncGenerator<readonly Frame[]> {
  const { clock, random, stretch } = context
  using cut = new Cut(clock, signal)
  const seconds = Math.round(LASTS * (1 + random()) * stretch())
  const response = await open(context, { ...question, seconds }, cut)
  if (response.status !== 200) throw await refusalOf(response, clock.now())
  yield [{ type: 'opened' }]

  let over = false
  const end = (): Error => {
    over = true
    return new TransportError('timeout', 'the watch has not ended in its time')
  }
  cut.after((seconds + GRACE) * SECOND, end)
  try {
    yield* alive(
      framesIn(response, () => clock.now()),
      cut,
      question.fromStart,
    )
  } catch (error) {
    // It has lasted as long as it should: that we had to end it is no failure.
    if (!over || signal.aborted) throw error
  }
}

/** Frames as long as they come; cuts off the watch when they do not. */
async function* alive(
  batches: AsyncIterable<readonly Frame[]>,
  cut: Cut,
  fromStart: boolean,
): AsyncGenerator<readonly Frame[]> {
  const life = cut.unless(SILENCE, silence)
  const progress = fromStart ? cut.unless(PROGRESS, noProgress) : undefined
  for await (const frames of batches) {
    life.heard()
    progress?.heard()
    if (frames.some((frame) => frame.type === 'bookmark' && frame.allSent)) progress?.cancel()
    yield frames
  }
}

async function open(
  { transport, openings }: WatchContext,
  { path, query, rank, seconds, binary }: WatchQuestion & { readonly seconds: number },
  cut: Cut,
): Promise<ApiResponse> {
  const done = await openings.take(rank, cut.signal)
  const answered = cut.after(ANSWER_WITHIN, noAnswer)
  try {
    return await transport.request({
      method: 'GET',
      path,
      query: { ...query, watch: '1', allowWatchBookmarks: 'true', timeoutSeconds: String(seconds) },
      headers: { accept: binary ? `${BINARY}, ${JSON_TYPE}` : JSON_TYPE, 'accept-encoding': 'identity' },
      // The limits here are the stricter ones.
      idleAfter: SILENCE + MINUTE,
      signal: cut.signal,
    })
  } finally {
    answered()
    done()
  }
}

async function* framesIn({ body, headers }: ApiResponse, now: () => number): AsyncGenerator<readonly Frame[]> {
  const frames = framing(headers['content-type'], LONGEST_FRAME)
  const turns = new Turns()
  for await (const chunk of body) {
    yield* readAll(frames.write(chunk), now())
    if (turns.bytes(chunk.length)) await turns.pass()
  }
  const rest = frames.end()
  if (rest !== undefined) yield [rest(now())]
}

/** What was read before a frame that cannot be read is good, and told first. */
function* readAll(unread: readonly ((now: number) => Frame)[], now: number): Generator<readonly Frame[]> {
  const frames: Frame[] = []
  try {
    for (const read of unread) frames.push(read(now))
  } finally {
    if (frames.length > 0) yield frames
  }
}
