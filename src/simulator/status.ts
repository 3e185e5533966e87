import { groupOf, type Json } from './object.ts'
import type { SimulatedKind } from './kinds.ts'
import { resourceOf } from './kinds.ts'

/** An answer that says no, in the words of the real server. */
export class Refusal extends Error {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  /** A Status, or text. */
  readonly body: Json | string

  constructor(code: number, body: Json | string, headers: Readonly<Record<string, string>> = {}) {
    super(typeof body === 'string' ? body : String(body['message']))
    this.code = code
    this.body = body
    this.headers = headers
  }
}

export interface Cause {
  readonly reason: string
  readonly message: string
  readonly field?: string | undefined
}

/** A Status of failure. */
export const failure = (code: number, reason: string | undefined, message: string, details?: Json): Json => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  ...(reason === undefined ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
  code,
})

export const refusal = (code: number, reason: string, message: string, details?: Json): Refusal =>
  new Refusal(code, failure(code, reason, message, details))

/** What a Status says of the object that it is about. */
export const detailsOf = (kind: SimulatedKind, name?: string): Json => {
  const group = groupOf(kind)
  return { ...(name === undefined ? {} : { name }), ...(group === '' ? {} : { group }), kind: kind.plural }
}

/** What an object is called where it is not valid, or not to be removed: by its kind, not by its resource. */
export function subjectOf(kind: SimulatedKind, name: string): { readonly subject: string; readonly details: Json } {
  const group = groupOf(kind)
  const subject = `${group === '' ? kind.kind : `${kind.kind}.${group}`} ${JSON.stringify(name)}`
  return { subject, details: { ...(name === '' ? {} : detailsOf(kind, name)), kind: kind.kind } }
}

/** A mistake that the server takes for its own. */
export const internal = (message: string): Refusal => new Refusal(500, failure(500, undefined, message))

const quoted = (kind: SimulatedKind, name: string): string => `${resourceOf(kind)} ${JSON.stringify(name)}`

export const pageNotFound = (): Refusal =>
  new Refusal(404, '404 page not found\n', { 'content-type': 'text/plain; charset=utf-8' })

/** Within a group that the server has, a kind or part that it does not have. */
export const unknownResource = (): Refusal =>
  refusal(404, 'NotFound', 'the server could not find the requested resource', {})

export const notFound = (kind: SimulatedKind, name: string): Refusal =>
  refusal(404, 'NotFound', `${quoted(kind, name)} not found`, detailsOf(kind, name))

export const alreadyExists = (kind: SimulatedKind, name: string): Refusal =>
  refusal(409, 'AlreadyExists', `${quoted(kind, name)} already exists`, detailsOf(kind, name))

export const conflict = (kind: SimulatedKind, name: string, why: string): Refusal =>
  refusal(409, 'Conflict', `Operation cannot be fulfilled on ${quoted(kind, name)}: ${why}`, detailsOf(kind, name))

export const badRequest = (message: string): Refusal => refusal(400, 'BadRequest', message)

export const methodNotAllowed = (): Refusal =>
  refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

/** 422: what a field says is not allowed. `subject` such as `Pod "web"`, or the options of a list. */
export function invalid(subject: string, causes: readonly Cause[], details: Json = {}): Refusal {
  const words = causes.map(({ field, message }) => `${field}: ${message}`)
  const said = words.length > 1 ? `[${words.join(', ')}]` : words.join('')
  return refusal(422, 'Invalid', `${subject} is invalid: ${said}`, { ...details, causes })
}

export const forbiddenField = (field: string, message: string): Cause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${message}`,
  field,
})

/** The watch or page begins before what the server remembers. */
export const expired = (message: string): Json => failure(410, 'Expired', message)
