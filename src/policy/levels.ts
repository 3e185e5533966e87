/** What happens unasked: observe, recommend, heal, change, take down. Each includes the ones before it. */
export const LEVELS = ['L0', 'L1', 'L2', 'L3', 'L4'] as const
export type Level = (typeof LEVELS)[number]

/** Actions by their effect on what runs, mildest first. */
export const TIERS = ['mark', 'heal', 'change', 'outage', 'destroy'] as const
export type Tier = (typeof TIERS)[number]

/** What one gate says: let it pass, ask a person, or not at all. */
export type Answer = 'pass' | 'ask' | 'hold'

type Row = Readonly<Record<Level, Answer>>
const row = (...[L0, L1, L2, L3, L4]: readonly [Answer, Answer, Answer, Answer, Answer]): Row => ({
  L0,
  L1,
  L2,
  L3,
  L4,
})

/** What each level answers to each tier. At L0 nothing is done, asked or not; what destroys is always asked. */
const LEVEL_TABLE: Readonly<Record<Tier, Row>> = {
  mark: row('hold', 'ask', 'pass', 'pass', 'pass'),
  heal: row('hold', 'ask', 'pass', 'pass', 'pass'),
  change: row('hold', 'ask', 'ask', 'pass', 'pass'),
  outage: row('hold', 'ask', 'ask', 'ask', 'pass'),
  destroy: row('hold', 'ask', 'ask', 'ask', 'ask'),
}

/** A level as it was written; anything else, and nothing at all, is L0. */
export const readLevel = (written: unknown): Level => LEVELS.find((level) => level === written) ?? 'L0'

/** What a level answers to a tier; an unknown tier is held. */
export function answerAt(level: Level, tier: string): Answer {
  const known = TIERS.find((name) => name === tier)
  return known === undefined ? 'hold' : LEVEL_TABLE[known][level]
}

/** A level and what made it so; `because` is empty for the default. */
export interface Reached {
  readonly level: Level
  readonly because: string
}

const rank = ({ level }: Reached): number => LEVELS.indexOf(level)

/**
 * The level that is left of what raises it and what limits it: the highest of the first, lowered by each of the second.
 * Where two are equal the earlier one speaks.
 */
export function effective(raises: readonly [Reached, ...Reached[]], limits: readonly Reached[]): Reached {
  const raised = raises.reduce((best, next) => (rank(next) > rank(best) ? next : best))
  return limits.reduce((least, next) => (rank(next) < rank(least) ? next : least), raised)
}
