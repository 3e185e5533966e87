import { plainText, truncate } from '../util/text.ts'
import { earliest, formatTime } from '../util/time.ts'
import type { GateName, GateAnswer, Reason, Gate } from './gates/gate.ts'
import { GATES } from './gates/index.ts'
import type { Answer } from './levels.ts'
import type { GateInput } from './proposal.ts'

/** `act`: done unasked. `ask`: done once a person approves. `hold`: not done. */
export type Verdict = 'act' | 'ask' | 'hold'

/** What the policy says of a proposal, with the answer of every gate. */
export interface Decision {
  readonly verdict: Verdict
  readonly reason: Reason
  readonly gates: readonly { readonly gate: GateName; readonly answer: Answer; readonly detail: string }[]
  /** When it may change though nothing else does, as RFC 3339. */
  readonly until: string | null
}

// Names in it come from the cluster, and nothing there is checked in a dump.
const LONGEST = 300
const STRICTNESS: readonly Answer[] = ['pass', 'ask', 'hold']
const VERDICTS: Readonly<Record<Answer, Verdict>> = { pass: 'act', ask: 'ask', hold: 'hold' }

/**
 * Asks every gate. The verdict is the strictest answer; the reason is that of the first gate that gave it. At L0 the verdict is
 * `hold: level-observes`: the finding still shows what could be done, and nothing is, approved or not.
 */
export function decide(input: GateInput, gates: readonly [Gate, ...Gate[]] = GATES): Decision {
  const [first, ...rest] = gates
  const answers: [Answered, ...Answered[]] = [ask(first, input), ...rest.map((gate) => ask(gate, input))]
  const strictest = answers.reduce((worst, next) => (strictness(next) > strictness(worst) ? next : worst))
  const until = earliest(answers.map((answer) => answer.until))
  return {
    verdict: VERDICTS[strictest.answer],
    reason: strictest.answer === 'pass' ? 'permitted' : strictest.reason,
    gates: answers.map(({ gate, answer, detail }) => ({ gate, answer, detail: truncate(plainText(detail), LONGEST) })),
    until: until === undefined ? null : formatTime(until),
  }
}

type Answered = GateAnswer & { readonly gate: GateName }

const ask = (gate: Gate, input: GateInput): Answered => ({ gate: gate.name, ...gate.judge(input) })
const strictness = ({ answer }: Answered): number => STRICTNESS.indexOf(answer)
