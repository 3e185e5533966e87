import type { ClusterLook } from './cluster-look.ts'
import { foreign } from './errors.ts'
import type { Blind, BlindReason, Looks, Where } from './look.ts'
import { object } from './projection/object.ts'
import { array, map, string } from './projection/shape.ts'

/** What a dump says about itself, in the annotations of its `List`. */
export interface Said {
  /** What was looked at; `undefined` when it does not say. */
  readonly looks: Looks | undefined
  /** When it was taken, in milliseconds; `undefined` when it does not say. */
  readonly recordedAt: number | undefined
  /** What the cluster calls itself. */
  readonly cluster: string | undefined
}

type Annotations = Readonly<Record<string, string>>

/** Writes what a look was, for `readAnnotations`. */
export function annotationsOf({
  looks,
  takenAt,
  cluster,
}: Pick<ClusterLook, 'looks' | 'takenAt' | 'cluster'>): Annotations {
  const { listed, blind, unnamed } = looks
  const usual = [...listed.values()].find((where) => where !== 'all') ?? 'all'
  const elsewhere = [...listed].filter(([, where]) => textOf(where) !== textOf(usual))
  return named({
    'recorded-at': new Date(takenAt).toISOString(),
    cluster,
    listed: [...listed.keys()].join(','),
    'listed-namespaces': usual === 'all' ? undefined : textOf(usual),
    // One list of namespaces for all kinds is what other tools write and read; what was listed elsewhere is an exception to it.
    'listed-elsewhere': jsonOf(elsewhere.map(([kind, where]) => [kind, where === 'all' ? ['*'] : where])),
    blind: jsonOf([...blind]),
    unnamed: unnamed === 'not-installed' ? undefined : unnamed,
  })
}

const PREFIX = 'dogwatch.io/'
const named = (values: Readonly<Record<string, string | undefined>>): Annotations =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[`${PREFIX}${key}`, value]])),
  )

const textOf = (where: Where): string => (where === 'all' ? '*' : where.join(','))
const jsonOf = (entries: readonly (readonly [string, unknown])[]): string | undefined =>
  entries.length === 0 ? undefined : JSON.stringify(Object.fromEntries(entries))

/** Reads what a dump says about itself. What it says wrongly counts as not said. */
export function readAnnotations(annotations: unknown): Said {
  const text = (key: string): string | undefined => map(string)(annotations)?.[`${PREFIX}${key}`]
  const at = Date.parse(text('recorded-at') ?? '')
  const listed = text('listed')?.split(',').filter(Boolean)
  return {
    looks: listed && readLooks(listed, text),
    recordedAt: Number.isNaN(at) ? undefined : at,
    cluster: text('cluster'),
  }
}

function readLooks(kinds: readonly string[], text: (key: string) => string | undefined): Looks {
  const usual = text('listed-namespaces')?.split(',').filter(Boolean) ?? 'all'
  const elsewhere = map(array(string))(json(text('listed-elsewhere'))) ?? {}
  const blind = map(blindness)(json(text('blind'))) ?? {}
  return {
    listed: new Map(kinds.map((kind) => [kind, whereOf(elsewhere[kind]) ?? usual])),
    blind: new Map(
      Object.entries(blind).map(([kind, { unknown, detail }]) => [kind, readBlind(kind, unknown, detail)]),
    ),
    unnamed: text('unnamed') === 'not-listed' ? 'not-listed' : 'not-installed',
  }
}

const blindness = object({ unknown: string, detail: string })
const REASONS: readonly BlindReason[] = ['not-listed', 'forbidden', 'failed', 'not-installed', 'not-synced', 'stale']

const whereOf = (names: readonly string[] | undefined): Where | undefined => (names?.includes('*') ? 'all' : names)

const readBlind = (kind: string, reason: string | undefined, detail: string | undefined): Blind => ({
  unknown: REASONS.find((one) => one === reason) ?? 'failed',
  detail: foreign(detail ?? kind),
})

function json(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
