import { MINUTE } from '../../util/time.ts'
import { Api } from '../api.ts'
import { TransportError } from '../transport.ts'
import type { WatchContext } from './context.ts'
import { Cut } from './deadline.ts'
import { isRaw } from './frame.ts'
import { WatchError } from './trouble.ts'

export interface PagedQuestion {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Objects beyond which no further page is read. */
  readonly most: number
}

export interface PagedList {
  /** Of the whole list: all pages are from one state. */
  readonly version: string
  readonly cut: boolean
}

const PAGE = 500
/** For one page, its first byte and its last: the server itself gives up after a minute, but the way may be slow. */
const PAGE_WITHIN = 5 * MINUTE

/**
 * Reads a list page by page; `onItem` is called for each object as it arrives, and the state is the newest that there is.
 * @throws WatchError, StatusError (410 when the state is no longer held: what has come until then is no list) or TransportError.
 */
export async function readPages(
  context: WatchContext,
  { path, query, most }: PagedQuestion,
  { onItem, signal }: { readonly onItem: (raw: unknown) => void; readonly signal: AbortSignal },
): Promise<PagedList> {
  let items = 0
  let version: string | undefined
  let token: string | undefined
  for (;;) {
    const next = { path, query: { ...query, limit: String(PAGE), ...(token === undefined ? {} : { continue: token }) } }
    const page = await readPage(context, next, {
      signal,
      onItem: (raw) => {
        items++
        onItem(raw)
      },
    })
    version ??= page.version
    if (page.token === undefined || items >= most) return { version, cut: page.token !== undefined }
    if (page.token === token) throw new WatchError('frame', 'the server gives the same page again and again')
    token = page.token
  }
}

async function readPage(
  { transport, clock }: WatchContext,
  question: { readonly path: string; readonly query: Readonly<Record<string, string>> },
  { onItem, signal }: { readonly onItem: (raw: unknown) => void; readonly signal: AbortSignal },
): Promise<{ version: string; token: string | undefined }> {
  using cut = new Cut(clock, signal)
  cut.after(PAGE_WITHIN, () => new TransportError('timeout', `a page took longer than ${PAGE_WITHIN / MINUTE} minutes`))
  const api = new Api({ transport, clock, signal: cut.signal, tries: 1 })
  const headers = { 'accept-encoding': 'identity' }
  const list = await api.read({ ...question, headers, idleAfter: PAGE_WITHIN }, () => (item) => {
    signal.throwIfAborted()
    onItem(item)
  })
  const metadata = isRaw(list) && isRaw(list['metadata']) ? list['metadata'] : {}
  const { resourceVersion: version, continue: token } = metadata
  if (typeof version !== 'string' || version === '') throw new WatchError('frame', 'the answer is no list')
  return { version, token: typeof token === 'string' && token !== '' ? token : undefined }
}
