import type { AnyObject } from './kinds.ts'
import type { Looks } from './look.ts'

/** One change of one object. Made and gone objects have no `before` and no `after`. */
export interface Change {
  readonly before: AnyObject | undefined
  readonly after: AnyObject | undefined
  /** `false` when the object is gone and nobody saw it go: what it was at the end is not known. */
  readonly witnessed: boolean
  /** When dogwatch heard of it, in milliseconds since 1970. */
  readonly observedAt: number
}

/** Where reflectors put what they see. Each call is done when it returns; an error means that it is not stored. */
export interface Mirror {
  /** An object as it is now. Another of the same kind and name with another uid is gone, then: the name was used again. */
  put(object: AnyObject): void
  /** An object is gone: the server said so (`witnessed`), or a list did not hold it any more. */
  remove(uid: string, witnessed: boolean): void
  /** How completely the kinds are looked at from now on. */
  watch(looks: Looks): void
}
