import { mostMatches, type Blast } from '../blast.ts'
import { pass, type Gate, type GateAnswer } from './gate.ts'

export const blast: Gate = {
  name: 'blast',
  holds: 'until-approved',
  description: 'Asks while a new rule of the user matches so much that somebody should look at it first.',
  judge: ({ proposal: { rule }, standing }) => {
    const found = standing.blast(rule)
    if (found === undefined) return pass(standing.watched ? 'its rule is known' : 'one look, nothing is counted')
    if (found === 'not-counted') return ask('not-counted', 'its rule is new and was not counted yet')
    const acknowledge = `dogwatch rules ack ${rule}@${shortVersion(found)} --reason TEXT`
    return found.state === 'held'
      ? ask('matches-too-much', `its rule matched ${found.matched} of ${amounts(found)}; ${acknowledge}`)
      : ask('not-counted', `its rule is unknown of ${found.unknown} of ${amounts(found)}; ${acknowledge}`)
  },
}

const ask = (reason: 'matches-too-much' | 'not-counted', detail: string): GateAnswer => ({
  answer: 'ask',
  reason,
  detail,
})

const amounts = ({ of }: Blast): string => `${of} at first, more than ${Math.floor(mostMatches(of))}`

// Twelve digits tell any two versions of one rule apart, and a whole line still fits.
const SHORT = 'sha256:'.length + 12
const shortVersion = ({ version }: Blast): string => version.slice(0, SHORT)
