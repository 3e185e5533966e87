import type { Api, Question } from './api.ts'
import { StatusError } from './api.ts'
import { projectObject } from './dump.ts'
import { ClusterError } from './errors.ts'
import type { AnyObject } from './kinds.ts'

export interface ListQuestion {
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  /** What each item is: the API server's lists do not repeat it. */
  readonly type: { readonly apiVersion: string; readonly kind: string }
  /** Most objects that are worth reading; default all. */
  readonly most?: number | undefined
}

export interface Listed {
  readonly objects: readonly AnyObject[]
  /** Whether there were more than `most`. */
  readonly cut: boolean
}

const PAGE = '500'
const GONE = 410

/**
 * Lists one resource page by page, each object projected as it arrives. `onPage` hears how many there are so far.
 *
 * The first page asks for no resourceVersion, which is the newest state there is; the server answers all further pages from that same
 * state. When it no longer can (410), the list begins again, once: a rest from another state would make up objects that were never there together.
 * @throws ClusterError when the list could not be read whole.
 */
export async function listObjects(
  api: Api,
  question: ListQuestion,
  onPage: (objects: number) => void,
): Promise<Listed> {
  try {
    return await listOnce(api, question, onPage)
  } catch (error) {
    if (!(error instanceof StatusError) || error.status !== GONE) throw error
    return listOnce(api, question, onPage)
  }
}

async function listOnce(api: Api, question: ListQuestion, onPage: (objects: number) => void): Promise<Listed> {
  const { most = Number.POSITIVE_INFINITY } = question
  const objects: AnyObject[] = []
  let token: string | undefined
  do {
    const page = await readPage(api, question, token)
    for (const object of page.objects) objects.push(object)
    onPage(objects.length)
    if (page.token !== undefined && page.token === token)
      throw new ClusterError('the server gives the same page again and again')
    token = page.token
  } while (token !== undefined && objects.length < most)
  return { objects, cut: token !== undefined }
}

async function readPage(
  api: Api,
  { path, query, type }: ListQuestion,
  token: string | undefined,
): Promise<{ objects: readonly AnyObject[]; token: string | undefined }> {
  const question: Question = {
    path,
    query: { ...query, limit: PAGE, ...(token === undefined ? {} : { continue: token }) },
  }
  let objects: AnyObject[] = []
  const rest = await api.read(question, () => {
    objects = []
    return (item) => {
      const object = projectObject(type, item as Readonly<Record<string, unknown>>)
      if (object) objects.push(object)
    }
  })
  return { objects, token: nextOf(rest) }
}

// An empty token is how the API says that there is no next page.
function nextOf(list: unknown): string | undefined {
  if (typeof list !== 'object' || list === null || !('items' in list)) throw new ClusterError('the answer is no list')
  const metadata = 'metadata' in list ? list.metadata : undefined
  const token =
    typeof metadata === 'object' && metadata !== null && 'continue' in metadata ? metadata.continue : undefined
  return typeof token === 'string' && token !== '' ? token : undefined
}
