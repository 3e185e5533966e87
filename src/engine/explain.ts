import type { Value } from '../facts/reading.ts'
import type { Subject } from '../facts/subject.ts'
import { canonicalJson } from '../util/hash.ts'
import type { Program } from './compile.ts'
import { renderText } from './render.ts'
import type { Evidence, Explanation, Naming } from './rule.ts'
import type { Run } from './run.ts'
import type { Template } from './template.ts'

const MOST_ITEMS = 50

export interface Texts {
  readonly title: Template
  readonly explain: Template
}

/** What a person reads of a match. */
export function explain(
  texts: Texts,
  program: Program,
  match: { run: Run; subject: Subject; naming: Naming },
): Explanation {
  const { run, subject, naming } = match
  return {
    title: texts.title(run, subject, naming),
    message: texts.explain(run, subject, naming),
    evidence: distinct(program.evidence(run)).map((one) => ({
      ...one,
      expected: safe(one.expected),
      actual: safe(one.actual),
    })),
  }
}

function safe(value: unknown): Value {
  if (typeof value === 'string') return renderText(value)
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_ITEMS).map((item) => renderText(String(item)))
    return value.length > MOST_ITEMS ? [...shown, `and ${value.length - MOST_ITEMS} more`] : shown
  }
  return value as Value
}

// A named condition that is used twice asks the same twice.
function distinct(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>()
  return evidence.filter((one) => {
    const key = canonicalJson([one.fact, one.params, one.operator, one.expected])
    return !seen.has(key) && seen.add(key) !== undefined
  })
}
