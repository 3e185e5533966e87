import type { Sight } from '../../sinks/published.ts'
import type { Clock } from '../../util/clock.ts'
import { Buckets } from '../buckets.ts'
import { Refusal, unavailable } from '../errors.ts'
import type { Limits } from '../limits.ts'
import type { Caller, Resource, Reviews } from './reviews.ts'

export interface AccessOptions {
  /** Whether everybody who gets through may read. */
  readonly open: boolean
  readonly reviews: Reviews | undefined
  readonly limits: Limits
  readonly clock: Clock
}

/** What a request says of whom it comes from. */
export interface Credentials {
  /** The header `Authorization`. */
  readonly authorization: string | undefined
  /** The address that the connection comes from; what a header says of it is anybody's word. */
  readonly address: string
}

/** What is to be read: of everything, or of some namespaces. */
export interface Wanted {
  readonly resource: Resource
  /** Those whose rights are tried when there is no right to everything. */
  readonly namespaces: () => Iterable<string>
}

const BEARER = /^Bearer +([\w.~+/=-]{1,8192})$/i
const tokenIn = ({ authorization }: Credentials): string | undefined => BEARER.exec(authorization ?? '')?.[1]

/** Most namespaces that one request has looked up. */
const MOST_NAMESPACES = 200

const unauthorized = (message: string): Refusal =>
  new Refusal(401, 'unauthorized', message, { headers: { 'www-authenticate': 'Bearer realm="dogwatch"' } })

/** Decides who is let in, how often, and what they may see. */
export class Access {
  readonly #options: AccessOptions
  readonly #buckets: Buckets

  constructor(options: AccessOptions) {
    this.#options = options
    const { burst, perSecond } = options.limits
    this.#buckets = new Buckets({ burst, perSecond, now: () => options.clock.now() })
  }

  /** Counts a request that needs no token. @throws Refusal */
  count({ address }: Pick<Credentials, 'address'>): void {
    this.#take(`address ${address}`)
  }

  /**
   * Who asks; `undefined` where nobody needs to say so.
   * @throws Refusal, also of a caller who asks too often.
   */
  async callerOf(credentials: Credentials): Promise<Caller | undefined> {
    const { open, reviews } = this.#options
    const token = tokenIn(credentials)
    // Whoever has not shown who they are pays by address, before anything is asked on their behalf.
    if (open || token === undefined || !reviews?.known(token)) this.count(credentials)
    const caller = await this.identify(credentials)
    if (caller) this.#take(`user ${caller.name}`)
    return caller
  }

  /**
   * The same of a request that was counted already.
   * @throws Refusal
   */
  async identify(credentials: Credentials): Promise<Caller | undefined> {
    const { open, reviews } = this.#options
    if (open) return undefined
    const token = tokenIn(credentials)
    if (token === undefined) throw unauthorized('a bearer token made for the audience dogwatch is needed')
    if (!reviews) throw unavailable('unavailable', 'tokens cannot be reviewed', 60)
    const caller = await reviews.callerOf(token)
    if (!caller) throw unauthorized('the token is not valid for the audience dogwatch')
    return caller
  }

  /**
   * What a caller may see: everything, or some namespaces.
   * @throws Refusal when that is nothing.
   */
  async sightOf(caller: Caller | undefined, wanted: Wanted): Promise<Sight> {
    const { open, reviews } = this.#options
    if (open) return 'all'
    if (!caller || !reviews) throw unauthorized('a bearer token is needed')
    const { resource } = wanted
    if (await reviews.mayRead(caller, resource)) return 'all'
    const namespaces = [...new Set(wanted.namespaces())]
    if (namespaces.length > MOST_NAMESPACES) throw tooMany(namespaces.length)
    const answers = await Promise.all(namespaces.map((namespace) => reviews.mayRead(caller, resource, namespace)))
    const seen = new Set(namespaces.filter((_, i) => answers[i]))
    if (seen.size === 0) throw forbidden(resource)
    return seen
  }

  #take(caller: string): void {
    const seconds = this.#buckets.take(caller)
    if (seconds === 0) return
    throw new Refusal(429, 'too-many-requests', `too many requests; the next in ${seconds} s`, {
      headers: { 'retry-after': String(seconds) },
    })
  }
}

const forbidden = (resource: Resource): Refusal =>
  new Refusal(403, 'forbidden', `no right to get ${resource}.dogwatch.io`, {
    details: { group: 'dogwatch.io', resource, verb: 'get' },
  })

const tooMany = (count: number): Refusal =>
  new Refusal(
    400,
    'namespace-required',
    `you may not read everything, and ${count} namespaces are too many to look up: name those you want with namespace=`,
  )
