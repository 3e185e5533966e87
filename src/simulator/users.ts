import type { Clock } from '../util/clock.ts'
import { hexDigits, timestamp, type KubeObject } from './object.ts'
import type { ObjectTable } from './table.ts'

/** Who asks. */
export interface User {
  readonly username: string
  readonly uid?: string | undefined
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined
}

export const AUTHENTICATED = 'system:authenticated'
const MASTERS = 'system:masters'

/** May do everything. */
export const ADMIN: User = { username: 'kubernetes-admin', groups: [MASTERS, AUTHENTICATED] }

export const mayAll = ({ groups }: User): boolean => groups.includes(MASTERS)

/** For whom a token of the server itself is. */
export const API_AUDIENCE = 'https://kubernetes.default.svc.cluster.local'
const HOUR = 3_600_000

export interface TokenWish {
  readonly user: User
  /** Default: the API server. */
  readonly audiences?: readonly string[] | undefined
  /** Milliseconds; default an hour. */
  readonly lifetime?: number | undefined
}

interface Token {
  readonly user: User
  readonly audiences: readonly string[]
  readonly expires: number
  /** The account that it ends with. */
  readonly account: KubeObject | undefined
}

/** What a token says: who, for which of the audiences that were asked for; or why it says nothing. */
export type TokenVerdict = { readonly user: User; readonly audiences: readonly string[] } | { readonly error: string }

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' }
const INVALID = 'invalid bearer token'

/** The tokens that the server knows. */
export class Tokens {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #table: ObjectTable
  readonly #tokens = new Map<string, Token>()

  constructor({ clock, random, table }: { clock: Clock; random: () => number; table: ObjectTable }) {
    this.#clock = clock
    this.#random = random
    this.#table = table
  }

  /** A token for a person or a program that is no service account. */
  issue(wish: TokenWish): string {
    return this.#keep(wish, undefined).token
  }

  /** A token of a service account: it holds while that account is there. Times are RFC 3339. */
  issueFor(account: KubeObject, wish: Omit<TokenWish, 'user'>): { token: string; expires: string } {
    const id = hexDigits(this.#random, 32)
    return this.#keep({ ...wish, user: userOf(account, id) }, account)
  }

  revoke(token: string): void {
    this.#tokens.delete(token)
  }

  /** Makes every token invalid, as when the server's keys are changed. */
  revokeAll(): void {
    this.#tokens.clear()
  }

  check(token: string, audiences: readonly string[] = [API_AUDIENCE]): TokenVerdict {
    const known = this.#tokens.get(token)
    if (known === undefined || !this.#holds(known)) return { error: INVALID }
    const shared = known.audiences.filter((audience) => audiences.includes(audience))
    if (shared.length > 0) return { user: known.user, audiences: shared }
    return {
      error: `[${INVALID}, token audiences ${quotedList(known.audiences)} is invalid for the target audiences ${quotedList(audiences)}]`,
    }
  }

  #holds({ expires, account }: Token): boolean {
    if (this.#clock.now() >= expires) return false
    if (account === undefined) return true
    const { name, namespace, uid } = account.metadata
    return this.#table.get({ ...ACCOUNT, name, namespace })?.metadata.uid === uid
  }

  #keep(wish: TokenWish, account: KubeObject | undefined): { token: string; expires: string } {
    const token = `simulated.${hexDigits(this.#random, 40)}`
    const expires = this.#clock.now() + (wish.lifetime ?? HOUR)
    this.#tokens.set(token, { user: wish.user, audiences: wish.audiences ?? [API_AUDIENCE], expires, account })
    return { token, expires: timestamp(expires) }
  }
}

const quotedList = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`

function userOf({ metadata }: KubeObject, id: string): User {
  const { namespace = '', name, uid } = metadata
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
    extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] },
  }
}

/** Somebody of the name that is no service account. */
export const person = (username: string, ...groups: readonly string[]): User => ({
  username,
  groups: [...groups, AUTHENTICATED],
})
