import * as z from 'zod'
import { sha256 } from '../../util/hash.ts'
import { MINUTE, SECOND } from '../../util/time.ts'
import { ExpiringCache } from './cache.ts'
import { ReviewClient, type ReviewClientOptions } from './review-client.ts'

/** What a token must be made for, so that one made for another service is of no use here, nor ours there. */
export const AUDIENCE = 'dogwatch'
const API_GROUP = 'dogwatch.io'

/** What may be read: virtual resources of our API group, which RBAC knows by name alone. */
export type Resource = 'recommendations' | 'status' | 'snapshot' | 'metrics'

/** Somebody whose token was reviewed. */
export interface Caller {
  /** Stands for the token; the token itself is kept nowhere. */
  readonly key: string
  readonly name: string
  readonly user: z.infer<typeof userSchema>
}

const userSchema = z.object({
  username: z.string().min(1),
  uid: z.string().optional(),
  groups: z.array(z.string()).optional(),
  extra: z.record(z.string(), z.array(z.string())).optional(),
})

const tokenReview = z.object({
  kind: z.literal('TokenReview'),
  status: z.object({
    authenticated: z.boolean().optional(),
    audiences: z.array(z.string()).optional(),
    user: z.unknown().optional(),
  }),
})

const accessReview = z.object({
  kind: z.literal('SubjectAccessReview'),
  status: z.object({ allowed: z.boolean(), denied: z.boolean().optional() }),
})

/** Milliseconds that an answer is relied on. A refusal less long, so that a right just given is soon seen. */
const GRANTED_FOR = MINUTE
const REFUSED_FOR = 10 * SECOND
const MOST_TOKENS = 1000
const MOST_RIGHTS = 20_000

/** Who a token belongs to, and what they may read, as the API server says; each answer is kept for a minute at most. */
export class Reviews {
  readonly #client: ReviewClient
  readonly #callers: ExpiringCache<Caller>
  // Apart, so that a flood of made-up tokens does not push out those that are good.
  readonly #strangers: ExpiringCache<true>
  readonly #rights: ExpiringCache<boolean>
  readonly #asking = new Map<string, Promise<unknown>>()

  constructor(options: ReviewClientOptions) {
    const now = (): number => options.clock.now()
    this.#client = new ReviewClient(options)
    this.#callers = new ExpiringCache(MOST_TOKENS, now)
    this.#strangers = new ExpiringCache(MOST_TOKENS, now)
    this.#rights = new ExpiringCache(MOST_RIGHTS, now)
  }

  /** The owner of a token when that is known already. */
  known(token: string): Caller | undefined {
    return this.#callers.get(sha256(token))
  }

  /**
   * The owner of a token; `undefined` when it is none, or was made for another audience.
   * @throws Refusal when nobody can say.
   */
  async callerOf(token: string): Promise<Caller | undefined> {
    const key = sha256(token)
    const known = this.#callers.get(key)
    if (known || this.#strangers.get(key)) return known
    return this.#once(key, async () => {
      const caller = await this.#reviewToken(key, token)
      if (caller) this.#callers.set(key, caller, GRANTED_FOR)
      else this.#strangers.set(key, true, REFUSED_FOR)
      return caller
    })
  }

  /**
   * Whether somebody may read a resource, in one namespace or (without one) everywhere.
   * @throws Refusal when nobody can say.
   */
  async mayRead(caller: Caller, resource: Resource, namespace?: string): Promise<boolean> {
    const key = `${caller.key} ${resource} ${namespace ?? ''}`
    const known = this.#rights.get(key)
    if (known !== undefined) return known
    return this.#once(key, async () => {
      const allowed = await this.#reviewAccess(caller, resource, namespace)
      this.#rights.set(key, allowed, allowed ? GRANTED_FOR : REFUSED_FOR)
      return allowed
    })
  }

  async #reviewToken(key: string, token: string): Promise<Caller | undefined> {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences: [AUDIENCE] } }
    const { status } = await this.#client.review('/apis/authentication.k8s.io/v1/tokenreviews', body, tokenReview)
    if (status.authenticated !== true || status.audiences?.includes(AUDIENCE) !== true) return undefined
    const user = userSchema.safeParse(status.user)
    return user.success ? { key, name: user.data.username, user: user.data } : undefined
  }

  async #reviewAccess({ user }: Caller, resource: Resource, namespace: string | undefined): Promise<boolean> {
    const { username, ...others } = user
    const resourceAttributes = {
      group: API_GROUP,
      resource,
      verb: 'get',
      ...(namespace === undefined ? {} : { namespace }),
    }
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: username, ...others, resourceAttributes },
    }
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
    const { status } = await this.#client.review(path, body, accessReview)
    return status.allowed && status.denied !== true
  }

  /** Those who ask the same at the same time share one review. */
  async #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.#asking.get(key) as Promise<T> | undefined
    if (asked) return asked
    const asking = ask().finally(() => this.#asking.delete(key))
    this.#asking.set(key, asking)
    return asking
  }
}
