import { createHash } from 'node:crypto'
import { parseDuration } from '../../src/util/duration.ts'
import { formatTime } from '../../src/util/time.ts'

/** A Kubernetes object as the API gives it. */
export type Item = { readonly apiVersion: string; readonly kind: string; readonly metadata: Metadata } & {
  readonly [field: string]: unknown
}

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  /** Only what the metrics API makes up has none. */
  readonly uid?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** When the shop was looked at. Fixed, so that the file is the same each time it is made. */
const NOW = Date.parse('2026-11-21T09:30:00Z')
export const RECORDED_AT = formatTime(NOW)

/** The time so long (`15m`) before the look. */
export function ago(duration: string): string {
  const ms = parseDuration(duration)
  if (ms === undefined) throw new Error(`${duration} is no duration`)
  return formatTime(NOW - ms)
}

const digest = (parts: readonly string[]): Buffer => createHash('sha256').update(parts.join('/')).digest()

/** A uid, the same each time for the same parts. */
export function uidOf(...parts: readonly string[]): string {
  const hex = digest(parts).toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** What a registry calls an image. */
export const imageDigest = (image: string): string => `sha256:${digest([image]).toString('hex')}`

/** So many letters of the alphabet that Kubernetes makes names of. */
export function suffix(length: number, ...parts: readonly string[]): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return Array.from(digest(['suffix', ...parts]).subarray(0, length), (byte) => alphabet[byte % alphabet.length]).join(
    '',
  )
}

export interface About {
  readonly name: string
  readonly namespace?: string
  /** How long ago it was created. */
  readonly age: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly owner?: Item
  /** Anything else of the metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** An object with the metadata that the API server gives it. */
export function object(type: string, about: About, rest: Readonly<Record<string, unknown>> = {}): Item {
  const [apiVersion = '', kind = ''] = type.split(' ')
  const { name, namespace, age, labels, annotations, owner, metadata } = about
  const place = [kind, namespace ?? '', name]
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: uidOf(...place),
      resourceVersion: String(100_000 + (digest(place).readUInt32BE(0) % 800_000)),
      creationTimestamp: ago(age),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(owner && { ownerReferences: [controlledBy(owner)] }),
      ...metadata,
    },
    ...rest,
  }
}

const controlledBy = ({ apiVersion, kind, metadata: { name, uid } }: Item): object => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
})

/** A condition that is so since then. */
export const condition = (type: string, status: 'True' | 'False', since: string, rest: object = {}): object => ({
  type,
  status,
  lastTransitionTime: ago(since),
  ...rest,
})

export interface Said {
  readonly reason: string
  readonly message: string
  readonly first: string
  readonly last: string
  readonly count: number
  /** Who says it; the kubelet unless told otherwise. */
  readonly component?: string
  readonly container?: string
  readonly type?: 'Normal' | 'Warning'
}

/** An event about an object. */
export function event(about: Item, said: Said): Item {
  const { name, namespace = 'default', uid = '' } = about.metadata
  const { reason, message, count, component = 'kubelet', container, type = 'Warning' } = said
  const { apiVersion, kind } = about
  return object(
    'v1 Event',
    { name: `${name}.${uidOf(uid, reason, message).slice(0, 8)}`, namespace, age: said.first },
    {
      involvedObject: {
        apiVersion,
        kind,
        name,
        namespace,
        uid,
        ...(container === undefined ? {} : { fieldPath: `spec.containers{${container}}` }),
      },
      reason,
      message,
      type,
      count,
      firstTimestamp: ago(said.first),
      lastTimestamp: ago(said.last),
      source: { component },
      reportingComponent: component,
    },
  )
}
