import { isUnknown, type Value } from '../facts/reading.ts'
import type { Subject } from '../facts/subject.ts'
import { canonicalJson } from '../util/hash.ts'
import { namesOf, type Program } from './compile.ts'
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
    title: texts.title.write(run, subject, naming),
    message: texts.explain.write(run, subject, naming),
    evidence: distinct([...program.evidence(run), ...told(texts, run)]).map((one) => ({
      ...one,
      expected: safe(one.expected),
      actual: safe(one.actual),
    })),
    until: run.until,
  }
}

/** What the texts tell beside what the conditions asked: a tool should not have to read prose for a limit or an exit code. */
function told({ title, explain: message }: Texts, run: Run): Evidence[] {
  return [...title.slots, ...message.slots].flatMap((slot) => {
    const reading = run.read(slot)
    return isUnknown(reading) ? [] : { ...namesOf(slot), operator: 'isKnown', expected: true, actual: reading.value }
  })
}

function safe(value: unknown): Value {
  if (typeof value === 'string') return renderText(value)
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_ITEMS).map((item) => renderText(String(item)))
    return value.length > MOST_ITEMS ? [...shown, `and ${value.length - MOST_ITEMS} more`] : shown
  }
  return value as Value
}

// A named condition that is used twice asks the same twice. What is merely told is left out where it was asked.
function distinct(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>()
  return evidence.filter(({ fact, params, operator, expected }) => {
    const asked = canonicalJson([fact, params])
    const key = operator === 'isKnown' ? asked : canonicalJson([fact, params, operator, expected])
    const isNew = !seen.has(key)
    seen.add(key).add(asked)
    return isNew
  })
}
