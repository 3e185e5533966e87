import { sha256 } from '../../src/util/hash.ts'
import type { Raw } from './build.ts'

/** A dump as JSON: a `List` with what was looked at in its annotations. */
export interface DumpJson {
  readonly kind: string
  readonly apiVersion: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly items: readonly Raw[]
}

/** A number from 0 to below 1 at each call, the same ones for the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return state / 2 ** 32
  }
}

/** The same objects in another order. */
export function shuffled(dump: DumpJson, seed: number): DumpJson {
  const next = random(seed)
  const items = dump.items.map((item) => ({ item, at: next() })).toSorted((a, b) => a.at - b.at)
  return { ...dump, items: items.map(({ item }) => item) }
}

/** Every string of a value that is no key, changed; `key` is the field that holds it. */
function mapped<T>(value: T, change: (text: string, key: string) => string, key = ''): T {
  const each = (one: unknown, at: string): unknown => {
    if (typeof one === 'string') return change(one, at)
    if (Array.isArray(one)) return one.map((element) => each(element, at))
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([name, child]) => [name, each(child, name)]))
  }
  return each(value, key) as T
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/** Fields whose words are Kubernetes' own. */
const VOCABULARY = new Set([
  'apiVersion',
  'kind',
  'phase',
  'reason',
  'type',
  'status',
  'operator',
  'effect',
  'operation',
  'manager',
  'dogwatch.io/listed',
])
const KEPT = new Set(['default', 'kube-root-ca.crt', 'kube-system', 'kubernetes'])

/** A name within a longer one: `cart` in `cart-6d4f`, and in `data-cart-0`. */
const within = (name: string): RegExp => new RegExp(`(?<![A-Za-z0-9])${literal(name)}(?![A-Za-z0-9])`, 'g')

function stemsOf({ items }: DumpJson): string[] {
  const own = items.filter(({ kind }) => kind !== 'Event').map(({ metadata }) => String(metadata['name']))
  const names = [...new Set(own)].filter((name) => !KEPT.has(name))
  return names.filter((name) => !names.some((other) => other !== name && within(other).test(name))).toSorted()
}

/** One way of renaming: applied to a dump, and to what was found in it. */
export type Renaming = <T>(value: T) => T

const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g
const otherUid = (uid: string): string => {
  const hex = sha256(uid).slice('sha256:'.length)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18, 30)}`
}

/** Other names for all objects, namespaces and nodes of a dump, and other uids, wherever they are written. */
export function renamingOf(dump: DumpJson): Renaming {
  const stems = stemsOf(dump)
  const names = new Map(stems.map((name) => [name, `q${sha256(name).slice(7, 12)}x`]))
  const any = new RegExp(
    `(?<![A-Za-z0-9])(?:${stems
      .map(literal)
      .toSorted((a, b) => b.length - a.length)
      .join('|')})(?![A-Za-z0-9])`,
    'g',
  )
  const change = (text: string, key: string): string =>
    VOCABULARY.has(key) ? text : text.replaceAll(any, (name) => names.get(name) ?? name).replaceAll(UID, otherUid)
  return (value) => mapped(value, change)
}

/** Every image of another registry, repository and tag, wherever it is written. */
export function withOtherImages(dump: DumpJson): DumpJson {
  const images = new Set<string>()
  mapped(dump.items, (text, key) => {
    if (key === 'image' && text !== '') images.add(text)
    return text
  })
  const longestFirst = [...images].toSorted((a, b) => b.length - a.length)
  const any = new RegExp(longestFirst.map(literal).join('|'), 'g')
  const other = (image: string): string => `mirror.internal:5000/team/x${sha256(image).slice(7, 13)}:9.${image.length}`
  return longestFirst.length === 0 ? dump : mapped(dump, (text) => text.replaceAll(any, other))
}

const TIME = /\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z/g

/** Every time, that of the dump too, so much later (milliseconds, whole seconds). */
export const shifted = (dump: DumpJson, by: number): DumpJson =>
  mapped(dump, (text) =>
    text.replaceAll(TIME, (_whole, seconds: string, fraction = '') => {
      const later = new Date(Date.parse(`${seconds}Z`) + by).toISOString().slice(0, 19)
      return `${later}${fraction}Z`
    }),
  )

const isAbout = ({ kind, metadata, ...rest }: Raw, uid: string, name: string): boolean => {
  if (kind === 'PodMetrics') return metadata['name'] === name
  const about = kind === 'Event' ? (rest['involvedObject'] as { uid?: string } | undefined) : undefined
  return about?.uid === uid
}

/** Each of these pods that somebody controls so many times more, with its events and its metrics. */
export function multiplied(dump: DumpJson, uids: ReadonlySet<string>, times: number): DumpJson {
  const copies = dump.items
    .filter(
      ({ kind, metadata }) => kind === 'Pod' && uids.has(String(metadata['uid'])) && 'ownerReferences' in metadata,
    )
    .flatMap((pod) => {
      const [uid, name] = [String(pod.metadata['uid']), String(pod.metadata['name'])]
      const belonging = dump.items.filter((item) => item === pod || isAbout(item, uid, name))
      return Array.from({ length: times }, (_, at) =>
        mapped(belonging, (text) => text.replaceAll(name, `${name}${at}`).replaceAll(uid, otherUid(`${uid}${at}`))).map(
          (item) => withUid(item, at),
        ),
      ).flat()
    })
  return { ...dump, items: [...dump.items, ...copies] }
}

const withUid = (item: Raw, at: number): Raw =>
  item.kind === 'Event'
    ? {
        ...item,
        metadata: {
          ...item.metadata,
          name: `${String(item.metadata['name'])}.${at}`,
          uid: otherUid(`${String(item.metadata['uid'])}${at}`),
        },
      }
    : item

/** Each node that is well once more, under another name. */
export function withMoreNodes(dump: DumpJson, unwell: ReadonlySet<string>): DumpJson {
  const copies = dump.items
    .filter(({ kind, metadata }) => kind === 'Node' && !unwell.has(String(metadata['name'])))
    .map((node) => {
      const [uid, name] = [String(node.metadata['uid']), String(node.metadata['name'])]
      return mapped(node, (text) => (text === uid ? otherUid(uid) : text === name ? `${name}-more` : text))
    })
  return { ...dump, items: [...dump.items, ...copies] }
}

/** The dump as `kubectl get -o json` writes it: it does not say what was looked at, nor when. */
export const withoutAnnotations = (dump: DumpJson): DumpJson => ({ ...dump, metadata: { resourceVersion: '' } })
