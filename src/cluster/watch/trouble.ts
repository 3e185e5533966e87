import { StatusError } from '../api.ts'
import { ClusterError, messageOf } from '../errors.ts'
import { TransportError } from '../transport.ts'

/**
 * What can happen to a watch, as far as the answers differ. `unreachable`: no answer, or one of a broken server. `gone`: what happened
 * since is no longer told. `frame`: something that cannot be read. `behind`: an older state than was seen before. `mirror`: what is seen
 * could not be stored. `silence`: nothing for too long. `refused`: this question is not understood.
 */
export type Trouble =
  | 'unreachable'
  | 'busy'
  | 'unauthorized'
  | 'forbidden'
  | 'missing'
  | 'gone'
  | 'refused'
  | 'silence'
  | 'frame'
  | 'behind'
  | 'mirror'
  | 'defect'

/** Trouble that the watch itself finds. */
export class WatchError extends ClusterError {
  readonly trouble: Trouble

  constructor(trouble: Trouble, message: string) {
    super(message)
    this.trouble = trouble
  }
}

const BY_STATUS: Readonly<Record<number, Trouble>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'missing',
  405: 'missing',
  410: 'gone',
  429: 'busy',
}

/** What an error means. Anything that nobody foresaw is a defect, ours: said loudly, and survived. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof WatchError) return error.trouble
  if (error instanceof StatusError) return BY_STATUS[error.status] ?? (error.status >= 500 ? 'unreachable' : 'refused')
  if (error instanceof TransportError) return 'unreachable'
  return error instanceof ClusterError ? 'frame' : 'defect'
}

/** In words for a person, with the status where there is one. */
export const wordsOf = (error: unknown): string =>
  error instanceof StatusError ? `${error.status} ${messageOf(error)}` : messageOf(error)

/** Milliseconds that the server wants to be left alone for. */
export const retryAfterIn = (error: unknown): number | undefined =>
  error instanceof StatusError ? error.retryAfter : undefined
