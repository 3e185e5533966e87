import { gravityOf } from '../../engine/gravity.ts'
import { SEVERITIES } from '../../engine/rule.ts'
import type { Envelope, FindingView } from '../../sinks/envelope.ts'
import { byKeys, groupBy } from '../../util/order.ts'
import { safe } from './width.ts'
import { fullName, isGrave, isVisible, plural, shortName } from './words.ts'

/** How a report is drawn. */
export interface Drawing {
  /** How wide a line may be, in characters. */
  readonly columns: number
  readonly colour: boolean
  /** How much was looked at; `undefined` where that is not told. */
  readonly looked: { readonly objects: number; readonly kinds: number } | undefined
  /** How many rule files could not be used: what they would have found is not here. */
  readonly leftOut: number
  /** The command that explains a finding, as it is typed; `undefined` where there is none. */
  readonly explain: ((id: string) => string) | undefined
}

/** Writes the result of a scan. The same input gives the same text. */
export type Render = (envelope: Envelope, drawing: Drawing) => string

/** The findings of one namespace, or (`undefined`) of no namespace. */
export interface Place {
  readonly namespace: string | undefined
  /** By target, the gravest first. */
  readonly findings: readonly FindingView[]
}

/** The findings of an envelope in the order a person reads them. */
export interface Report {
  /** What asks for somebody, the place with the gravest finding first. */
  readonly places: readonly Place[]
  /** Low and info: worth knowing, nothing to get up for. */
  readonly notes: readonly FindingView[]
  /** By the id of the finding that explains them. */
  readonly explained: ReadonlyMap<string, readonly FindingView[]>
  readonly suppressed: readonly FindingView[]
}

const rank = ({ severity, state }: FindingView): string => `${gravityOf(severity)}${state === 'pending' ? 1 : 0}`
const targetOf = ({ target: { kind, namespace, name } }: FindingView): string => `${namespace ?? ''}/${kind}/${name}`

// A namespace is told of where everything else in it is.
const placeOf = ({ target: { apiVersion, kind, namespace, name } }: FindingView): string | undefined =>
  apiVersion === 'v1' && kind === 'Namespace' ? name : namespace

const byRank = byKeys((finding: FindingView) => [rank(finding), finding.rule.id, targetOf(finding), finding.id])

/** Puts findings into reading order: one fault in one place, the gravest first. */
export function reportOf({ items }: Envelope): Report {
  const visible = items.filter(isVisible).toSorted(byRank)
  const [grave, notes] = [visible.filter(isGrave), visible.filter((finding) => !isGrave(finding))]
  const inhibited = items.filter(({ state }) => state === 'inhibited').toSorted(byRank)
  return {
    places: [...groupBy(grave, placeOf)].map(([namespace, findings]) => ({
      namespace,
      findings: [...groupBy(findings, targetOf).values()].flat(),
    })),
    notes,
    explained: groupBy(inhibited, ({ causedBy }) => causedBy ?? ''),
    suppressed: items.filter(({ state }) => state === 'suppressed').toSorted(byRank),
  }
}

const undecided = (unknown: Envelope['unknown']): string =>
  `${plural(new Set(unknown.map(({ rule }) => rule)).size, 'rule')} could not decide everywhere`

/** What a report holds, in numbers: the first says how much is wrong. */
export function counts({ items }: Envelope, { suppressed, explained }: Report): string[] {
  const visible = items.filter(isVisible)
  const severities = SEVERITIES.flatMap((severity) => {
    const count = visible.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : `${count} ${severity}`
  })
  const effects = [...explained.values()].reduce((sum, list) => sum + list.length, 0)
  return [
    visible.length === 0 ? 'No fault found' : `${plural(visible.length, 'finding')} (${severities.join(', ')})`,
    ...(effects > 0 ? [`${effects} more explained by them`] : []),
    ...(suppressed.length > 0 ? [`${suppressed.length} suppressed`] : []),
  ]
}

/** What keeps an empty report from meaning that all is well; empty when nothing does. */
export const doubts = ({ unknown, complete }: Envelope, { leftOut }: Drawing): string[] => [
  ...(leftOut > 0 ? [`${plural(leftOut, 'rule file')} left out`] : []),
  ...(complete ? [] : ['not everything could be read']),
  ...(unknown.length > 0 ? [undecided(unknown)] : []),
]

/** How much was looked at, in words. */
export const lookedAt = ({ generatedAt }: Envelope, { looked }: Drawing): string =>
  looked === undefined
    ? `As of ${generatedAt}.`
    : `Looked at ${plural(looked.objects, 'object')} of ${plural(looked.kinds, 'kind')} as of ${generatedAt}.`

/** What a finding explains, the rules of one target together: `not-ready`, `service-no-endpoints of Service cart`. */
export function effectsOf({ id, target }: FindingView, { explained }: Report): string[] {
  const byTarget = groupBy(explained.get(id) ?? [], targetOf)
  return [...byTarget.values()].flatMap((effects) => {
    const [first] = effects
    if (!first) return []
    const rules = [...new Set(effects.map(({ rule }) => safe(rule.id)))].join(', ')
    if (first.target.uid === target.uid) return rules
    return `${rules} of ${first.target.namespace === target.namespace ? shortName(first.target) : fullName(first.target)}`
  })
}
