import type { Logger } from '../../util/logger.ts'
import type { WatchedKind } from './looks-of.ts'

export interface Seen {
  readonly kinds: readonly WatchedKind[]
  /** The namespaces that were asked for; `undefined` for all. */
  readonly asked: readonly string[] | undefined
  /** The namespaces that there are, as far as they may be listed. */
  readonly there: readonly string[]
  /** The namespace to propose to who may not watch all of them. */
  readonly ownNamespace: string | undefined
}

/** Says, once everything was seen, what was asked for in vain, and how to ask instead. */
export function hint(logger: Logger, { kinds, asked, there, ownNamespace }: Seen): void {
  if (asked === undefined) {
    const refused = kinds.filter(({ target, places }) => target.namespaced && places.some(isForbidden))
    if (refused.length > 0)
      logger.warn('some kinds may not be read in all namespaces; with rights in some of them only, name those', {
        kinds: refused.length,
        option: `-n ${ownNamespace ?? 'NAMESPACE'}`,
      })
    return
  }
  if (!kinds.some(({ target, places }) => target.resource === 'namespaces' && places.some(isWhole))) return
  // It may be made later, so that this is no reason to end; and until then nothing found in it says nothing.
  for (const namespace of asked)
    if (!there.includes(namespace)) logger.warn('there is no such namespace', { namespace })
}

type Place = WatchedKind['places'][number]

const isForbidden = ({ state }: Place): boolean => state === 'forbidden'
const isWhole = ({ namespace, state }: Place): boolean => namespace === undefined && state === 'live'
