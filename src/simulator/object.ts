/** Any JSON object. */
export type Json = Readonly<Record<string, unknown>>

/** The metadata that the server gives to every object that it holds. */
export interface Metadata {
  readonly name: string
  readonly namespace?: string | undefined
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
  readonly generation?: number | undefined
  readonly deletionTimestamp?: string | undefined
  readonly deletionGracePeriodSeconds?: number | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly finalizers?: readonly string[] | undefined
  readonly [field: string]: unknown
}

/** An object as the server holds it. It is never changed: a change puts another in its place. */
export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

/** An object as somebody hands it in. */
export interface Draft {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Json
  readonly [field: string]: unknown
}

/** What an object is, such as `{ apiVersion: 'apps/v1', kind: 'Deployment' }`. */
export interface TypeName {
  readonly apiVersion: string
  readonly kind: string
}

/** Which object. */
export interface ObjectRef extends TypeName {
  readonly namespace?: string | undefined
  readonly name: string
}

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value when it is a JSON object, else an empty one. */
export const jsonOf = (value: unknown): Json => (isJson(value) ? value : {})

/** The value when it is text, else `undefined`. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The API group of `apps/v1`: `apps`; of `v1`: nothing. */
export const groupOf = ({ apiVersion }: { readonly apiVersion: string }): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''

export const versionOf = ({ apiVersion }: { readonly apiVersion: string }): string => apiVersion.split('/').at(-1) ?? ''

/** A time (milliseconds since 1970) as objects tell it: whole seconds. */
export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

const HEX = 16

/** So many random hexadecimal digits. */
export const hexDigits = (random: () => number, count: number): string =>
  Array.from({ length: count }, () => Math.floor(random() * HEX).toString(HEX)).join('')

export const newUid = (random: () => number): string =>
  [8, 4, 4, 4, 12].map((count) => hexDigits(random, count)).join('-')
