import { Encoded, isBinary, type Raw } from './encoded.ts'
import { at, object } from './projection/object.ts'
import { number, string, type Projected } from './projection/shape.ts'

/** What a server says of a failure. */
export const serverStatus = object({
  message: at(3, string),
  reason: at(4, string),
  code: at(6, number),
  details: at(5, object({ retryAfterSeconds: at(5, number) })),
})
export type ServerStatus = Projected<typeof serverStatus>

/** The words of an answer that is no success; `undefined` when it is none of the API's own. */
export function messageIn(bytes: Buffer, contentType: string | undefined): string | undefined {
  try {
    const status = isBinary(contentType)
      ? new Encoded(bytes).read(serverStatus)
      : serverStatus(JSON.parse(bytes.toString()) as Raw)
    return status?.message === '' ? undefined : status?.message
  } catch {
    return undefined
  }
}
