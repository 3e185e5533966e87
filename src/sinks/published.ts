import { CATEGORIES, SEVERITIES } from '../engine/rule.ts'
import { STATES } from '../findings/finding.ts'
import type { Envelope, FindingView } from './envelope.ts'
import type { Status } from './status.ts'

/** What `GET /recommendations` answers. */
export interface Published extends Envelope {
  /** Only findings of these namespaces are here, since the caller may read no others; scores and unknowns are of them too. */
  readonly restricted?: { readonly namespaces: readonly string[] }
}

/** A finding that is over, or no longer among those that were asked for. */
export interface Tombstone {
  readonly id: string
  /** The revision that it went with. */
  readonly revision: string
}

/** What `GET /recommendations?since=REVISION` answers: the findings that are new or different, and those that are gone. */
export interface Changes extends Published {
  readonly since: string
  readonly tombstones: readonly Tombstone[]
}

/** What findings can be asked for by; one of the values of each must fit. */
export type FilterName = 'namespace' | 'severity' | 'rule' | 'category' | 'state' | 'kind'
export type Filters = Readonly<Partial<Record<FilterName, readonly string[]>>>

/** What is over is not kept among the findings: whoever asks for changes hears that it is gone. */
export const PUBLISHED_STATES = STATES.filter((state) => state !== 'resolved')

/** The names of filters, each with the words it may ask for; those without are names of the cluster's or of rules. */
export const FILTERS: Readonly<Record<FilterName, readonly string[] | undefined>> = {
  namespace: undefined,
  severity: SEVERITIES,
  rule: undefined,
  category: CATEGORIES,
  state: PUBLISHED_STATES,
  kind: undefined,
}

/** Which namespaces somebody may see findings of; what belongs to no namespace is only for those who see all. */
export type Sight = 'all' | ReadonlySet<string>

/** Whether something of this namespace may be seen. */
export const sees = (sight: Sight, namespace: string | undefined): boolean =>
  sight === 'all' || (namespace !== undefined && sight.has(namespace))

/** What is asked for, by whom. */
export interface Question {
  readonly filters?: Filters | undefined
  readonly sight?: Sight | undefined
}

export interface PageQuestion extends Question {
  /** Most findings of one page. */
  readonly limit?: number | undefined
  /** The `next` of the page before. */
  readonly continue?: string | undefined
}

const VALUES: Readonly<Record<FilterName, (view: FindingView) => string | undefined>> = {
  namespace: ({ target }) => target.namespace,
  severity: ({ severity }) => severity,
  rule: ({ rule }) => rule.id,
  category: ({ category }) => category,
  state: ({ state }) => state,
  kind: ({ target }) => target.kind,
}

/** Whether a finding is one of those that are asked for. */
function matcher(filters: Filters): (view: FindingView) => boolean {
  const tests = Object.entries(VALUES).flatMap(([name, valueOf]) => {
    const wanted = filters[name as FilterName]
    return wanted === undefined ? [] : [{ wanted: new Set(wanted), valueOf }]
  })
  if (tests.length === 0) return () => true
  return (view) => tests.every(({ wanted, valueOf }) => wanted.has(valueOf(view) ?? ''))
}

export type Fits = (view: FindingView) => boolean

/** Whether a finding is asked for, and may be seen. */
export function fitting(filters: Filters, sight: Sight): Fits {
  const matches = matcher(filters)
  return (view) => sees(sight, view.target.namespace) && matches(view)
}

/** What `GET /status` answers: the daemon's own status, and who may read here. */
export interface ServedStatus extends Status {
  readonly server: {
    /** Those on this machine, everybody who reaches it, or those whose token says so. */
    readonly reads: 'loopback' | 'open' | 'token'
    readonly tls: boolean
  }
}
