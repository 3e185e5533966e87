import { isUnknown } from '../facts/reading.ts'
import { parseDuration } from '../util/duration.ts'
import { didYouMean, quote, type Issue } from '../util/issues.ts'
import type { Run } from './run.ts'
import type { Holding } from './schema.ts'
import { isRefused, type SlotTable } from './slots.ts'

/** How long a condition must hold on the subject of a run, in milliseconds. */
export type Hold = (run: Run) => number

/** Milliseconds of a duration that the schema has let through. */
export const milliseconds = (text: string): number => parseDuration(text) ?? 0

/** Makes `for` ready to run: a duration, or one by the value of a fact. */
export function resolveHolding(holding: Holding, slots: SlotTable): Hold | Issue {
  if (typeof holding === 'string') {
    const ms = milliseconds(holding)
    return () => ms
  }
  const slot = slots.slot(holding.by, holding.params)
  if (isRefused(slot))
    return { path: ['for', slot.part === 'fact' ? 'by' : 'params'], key: false, message: slot.refused }
  if (slot.type !== 'string' && slot.type !== 'boolean')
    return {
      path: ['for', 'by'],
      key: false,
      message: `${slot.key} is a ${slot.type}; a string or a boolean can decide`,
    }

  const words = slot.type === 'boolean' ? ['true', 'false'] : slot.values
  const wrong = Object.keys(holding.values).find((word) => words !== undefined && !words.includes(word))
  if (wrong !== undefined) {
    const message = `${slot.key} is never ${quote(wrong)}${didYouMean(wrong, words ?? [])}`
    return { path: ['for', 'values', wrong], key: true, message }
  }
  const byWord = new Map(Object.entries(holding.values).map(([word, text]) => [word, milliseconds(text)]))
  const otherwise = milliseconds(holding.default)
  return (run) => {
    const reading = run.read(slot)
    if (isUnknown(reading) || typeof reading.value === 'object') return otherwise
    return byWord.get(String(reading.value)) ?? otherwise
  }
}
