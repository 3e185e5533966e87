import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What an error answer says beside its code and message. */
export type ErrorDetails = Readonly<Record<string, string | number | readonly string[]>>

export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string } & ErrorDetails
}

/** One word for each way to be refused; tools go by it. */
export type ErrorCode =
  | 'bad-request'
  | 'unknown-parameter'
  | 'bad-parameter'
  | 'namespace-required'
  | 'unauthorized'
  | 'forbidden'
  | 'foreign-origin'
  | 'not-found'
  | 'method-not-allowed'
  | 'timeout'
  | 'gone'
  | 'body-not-allowed'
  | 'misdirected'
  | 'too-many-requests'
  | 'headers-too-large'
  | 'internal'
  | 'busy'
  | 'unavailable'

export interface RefusalOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly details?: ErrorDetails
}

/** An answer that is no 200: thrown by whoever refuses, written in one place. */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>
  readonly details: ErrorDetails

  constructor(status: ContentfulStatusCode, code: ErrorCode, message: string, options: RefusalOptions = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = options.headers ?? {}
    this.details = options.details ?? {}
  }
}

/** The one shape of all error answers. */
export const errorBody = ({ code, message, details }: Pick<Refusal, 'code' | 'message' | 'details'>): string =>
  `${JSON.stringify({ error: { code, message, ...details } } satisfies ErrorBody)}\n`

/** Something is not to be had now; `seconds` until it is worth asking again. */
export const unavailable = (code: 'unavailable' | 'busy', message: string, seconds: number): Refusal =>
  new Refusal(503, code, message, { headers: { 'retry-after': String(seconds) } })
