import type { LoadKind } from './slot.ts'

/** What a request is about. */
export interface Question {
  readonly kind: LoadKind
  readonly namespace: string | undefined
  readonly query: URLSearchParams
  /** In which forms it may be answered. */
  readonly accept: string | undefined
}

const PLACE = /^(?:\/api\/(v1)|\/apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+))?\/([^/]+)$/

/** The list that a path names; `undefined` when there is none. */
export function questionOf(
  url: URL,
  accept: string | undefined,
  kinds: ReadonlyMap<string, LoadKind>,
): Question | undefined {
  const [, core, groupVersion, namespace, plural] = PLACE.exec(url.pathname) ?? []
  const apiVersion = core ?? groupVersion
  if (apiVersion === undefined || plural === undefined) return undefined
  const kind = kinds.get(core === undefined ? `${plural}.${apiVersion.split('/')[0]}` : plural)
  return kind?.apiVersion === apiVersion ? { kind, namespace, query: url.searchParams, accept } : undefined
}

/** Whether an object is among those that are asked for. */
export const isAsked = ({ kind, namespace }: Question, index: number): boolean =>
  namespace === undefined || kind.namespaceOf?.(index) === namespace

/** How an API server says no. */
export const status = (code: number, reason: string, message: string): string =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code })
