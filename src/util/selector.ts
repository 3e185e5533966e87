type Labels = Readonly<Record<string, string>>

interface Expression {
  readonly key?: string
  readonly operator?: string
  readonly values?: readonly string[]
}

interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly Expression[]
}

const labelOf = (labels: Labels | undefined, key: string): string | undefined =>
  labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined

/** Whether labels hold every pair of `wanted`. An empty map matches everything, as in Kubernetes; `undefined` matches nothing. */
export function matchesLabels(labels: Labels | undefined, wanted: Labels | undefined): boolean {
  if (wanted === undefined) return false
  for (const key of Object.keys(wanted)) if (labelOf(labels, key) !== wanted[key]) return false
  return true
}

/** Whether labels hold every pair of `wanted`, for many: those that share one object for their labels are compared once. */
export function labelMatcher(wanted: Labels): (labels: Labels | undefined) => boolean {
  const known = new Map<Labels | undefined, boolean>()
  return (labels) => {
    const before = known.get(labels)
    if (before !== undefined) return before
    const matches = matchesLabels(labels, wanted)
    known.set(labels, matches)
    return matches
  }
}

/** Whether labels satisfy a label selector. An empty selector matches everything; `undefined`, or an unknown operator, matches nothing. */
export const matchesSelector = (labels: Labels | undefined, selector: Selector | undefined): boolean =>
  selector !== undefined &&
  matchesLabels(labels, selector.matchLabels ?? {}) &&
  (selector.matchExpressions ?? []).every((expression) => matchesExpression(labels, expression))

type Test = (value: string | undefined, values: readonly string[]) => boolean

const OPERATORS: ReadonlyMap<string | undefined, Test> = new Map<string | undefined, Test>([
  ['In', (value, values) => value !== undefined && values.includes(value)],
  ['NotIn', (value, values) => value === undefined || !values.includes(value)],
  ['Exists', (value) => value !== undefined],
  ['DoesNotExist', (value) => value === undefined],
])

function matchesExpression(labels: Labels | undefined, { key, operator, values = [] }: Expression): boolean {
  const value = key === undefined ? undefined : labelOf(labels, key)
  return OPERATORS.get(operator)?.(value, values) ?? false
}
