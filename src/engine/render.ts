import { isBounds, isUnknown, type Bounds, type Reading, type Value } from '../facts/reading.ts'
import { formatBytes, formatCores } from '../util/quantity.ts'
import { plainText, truncate } from '../util/text.ts'
import type { Slot } from './slots.ts'

const LONGEST = 500

/** A value in words, by the unit in the fact's name: `32Mi`, `250m`, `at least 2`, `none`. Text is made safe and cut. */
export function renderValue(fact: string, value: Value): string {
  if (value === null) return 'none'
  if (typeof value === 'number') return renderNumber(fact, value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return renderText(value)
  if (isBounds(value)) return renderBounds(fact, value)
  return value.length === 0 ? 'none' : renderText(value.join(', '))
}

/** A reading in words; one that is unknown is `unknown`. */
export const renderReading = (slot: Slot, reading: Reading): string =>
  isUnknown(reading) ? 'unknown' : renderValue(slot.name, reading.value)

/** Text from the cluster made safe for one line, and cut. */
export const renderText = (text: string): string => truncate(plainText(text), LONGEST)

function renderNumber(fact: string, value: number): string {
  if (fact.endsWith('Bytes')) return formatBytes(value)
  if (fact.endsWith('Cores')) return formatCores(value)
  return String(Number(value.toFixed(3)))
}

function renderBounds(fact: string, { atLeast, atMost }: Bounds): string {
  if (atLeast === atMost) return renderNumber(fact, atLeast)
  if (atMost === Infinity) return `at least ${renderNumber(fact, atLeast)}`
  if (atLeast === -Infinity) return `at most ${renderNumber(fact, atMost)}`
  return `${renderNumber(fact, atLeast)} to ${renderNumber(fact, atMost)}`
}
