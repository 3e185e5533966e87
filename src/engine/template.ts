import type { Subject } from '../facts/subject.ts'
import { didYouMean, quote, type Issue } from '../util/issues.ts'
import { plainText } from '../util/text.ts'
import { renderReading } from './render.ts'
import type { Naming } from './rule.ts'
import type { Run } from './run.ts'
import { isRefused, type Slot, type SlotTable } from './slots.ts'

/** The names a text may use beside facts, and what they stand for. */
const WORDS: Readonly<Record<string, (subject: Subject, naming: Naming) => string>> = {
  container: ({ container }) => container?.name ?? 'none',
  target: (_subject, { target }) => target,
  subject: ({ object: { kind, metadata } }) =>
    `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`,
  namespace: ({ object }) => object.metadata.namespace ?? 'none',
  name: ({ object }) => object.metadata.name,
}

/** A text with the facts that it names. */
export interface Template {
  /** Writes it for one subject. */
  readonly write: (run: Run, subject: Subject, naming: Naming) => string
  readonly slots: readonly Slot[]
}

type Part = string | Slot | { readonly word: (subject: Subject, naming: Naming) => string }

/** Reads a text with `{placeholders}`, each a fact or one of the fixed words. */
export function parseTemplate(text: string, slots: SlotTable, key: 'title' | 'explain'): Template | Issue {
  const parts: Part[] = []
  let rest = text
  while (rest !== '') {
    const open = rest.search(/[{}]/)
    if (open < 0) break
    const close = rest.indexOf('}', open)
    const inner = rest.slice(open + 1, close)
    if (rest[open] === '}' || close < 0 || inner.includes('{'))
      return { path: [key], key: false, message: `a brace without its other half, near ${quote(rest.slice(open))}` }
    const part = placeholder(inner, slots)
    if (typeof part === 'string') return { path: [key], key: false, message: part }
    parts.push(rest.slice(0, open), part)
    rest = rest.slice(close + 1)
  }
  parts.push(rest)
  return {
    write: (run, subject, naming) => parts.map((part) => write(part, run, { subject, naming })).join(''),
    slots: parts.filter((part) => typeof part === 'object' && 'index' in part),
  }
}

function write(part: Part, run: Run, { subject, naming }: { subject: Subject; naming: Naming }): string {
  if (typeof part === 'string') return part
  if ('word' in part) return plainText(part.word(subject, naming))
  return renderReading(part, run.read(part))
}

function placeholder(name: string, slots: SlotTable): Exclude<Part, string> | string {
  const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined
  if (name === 'container' && slots.kinds.some((kind) => kind !== 'container'))
    return 'only a container has a {container}'
  if (word !== undefined) return { word }
  const slot = slots.slotOfKey(name)
  if (!isRefused(slot)) return slot
  const near = slot.refused.includes('did you mean') ? '' : didYouMean(name, Object.keys(WORDS))
  return `{${name.slice(0, 60)}} is no placeholder: ${slot.refused}${near}`
}
