import type { Snapshot } from '../../cluster/snapshot.ts'
import { parseTime } from '../../util/time.ts'
import type { Grant, Policy } from '../config.ts'
import { answerAt, effective, readLevel, type Answer, type Reached } from '../levels.ts'
import type { GateInput } from '../proposal.ts'
import { isInScope, type Question } from '../scope.ts'
import type { Gate, GateAnswer } from './gate.ts'

const ANNOTATION = 'dogwatch.io/level'

export const level: Gate = {
  name: 'level',
  holds: 'until-approved',
  description: 'Asks what the level there does not allow unasked; holds at L0, for everyone.',
  judge: (input) => {
    const { tier } = input.proposal
    const reached = levelFor(input, input.now)
    const { level: at } = reached
    const because = reached.because === '' ? '' : ` (${reached.because})`
    const answer = answerAt(at, tier)
    const until = changesAt(input, answer)
    if (answer === 'pass') return { answer, detail: `${at} allows ${tier}${because}`, until }
    if (answer === 'hold') return { answer, reason: 'level-observes', detail: `${at} observes${because}`, until }
    return asked({ at, tier, because, until })
  },
}

function asked(of: { at: string; tier: string; because: string; until: number | undefined }): GateAnswer {
  const { at, tier, because, until } = of
  return tier === 'destroy'
    ? { answer: 'ask', reason: 'always-asked', detail: `${tier} is asked at every level; ${at}${because}`, until }
    : { answer: 'ask', reason: 'level-below-tier', detail: `${at} < ${tier}${because}`, until }
}

/** The level at a time, in milliseconds: min(ceiling, every matching cap, the namespace's own, max(default, every matching grant)). */
export function levelFor({ proposal, policy, snapshot }: Omit<GateInput, 'now' | 'capabilities'>, at: number): Reached {
  const { rule, action, object } = proposal
  const question = { rule, action, namespace: object.namespace }
  const grants = matchingGrants(policy, question).filter((grant) => !isOver(grant, at))
  const caps = policy.caps.filter((cap) => isInScope(cap, question))
  return effective(
    [
      { level: readLevel(policy.level), because: '' },
      ...grants.map((grant) => ({ level: readLevel(grant.level), because: `granted: ${grant.reason}` })),
    ],
    [
      { level: readLevel(policy.ceiling), because: 'ceiling' },
      ...caps.map((cap) => ({
        level: readLevel(cap.level),
        because: cap.reason === undefined ? 'cap' : `cap: ${cap.reason}`,
      })),
      ...ownLevel(snapshot, object.namespace),
    ],
  )
}

const matchingGrants = (policy: Policy, question: Question): Grant[] =>
  policy.grants.filter((grant) => isInScope(grant, question))

const isOver = ({ expires }: Grant, at: number): boolean => expires !== undefined && !(at < (parseTime(expires) ?? 0))

/** When the answer changes though nothing else does: grants run out one after another. */
function changesAt(input: GateInput, answer: Answer): number | undefined {
  const { rule, action, object, tier } = input.proposal
  const ends = matchingGrants(input.policy, { rule, action, namespace: object.namespace })
    .map(({ expires }) => parseTime(expires))
    .filter((end) => end !== undefined && end > input.now)
    .toSorted((a, b) => Number(a) - Number(b))
  return ends.find((end) => end !== undefined && answerAt(levelFor(input, end).level, tier) !== answer)
}

// A namespace says at most how little it wants: as one of the limits its level can never raise anything.
function ownLevel(snapshot: Snapshot, name: string | undefined): Reached[] {
  if (name === undefined) return []
  const namespace = snapshot.get('namespaces', undefined, name)
  if (!namespace) return [{ level: 'L0', because: `namespace ${name} could not be read` }]
  const written = namespace.metadata.annotations?.[ANNOTATION]
  return written === undefined ? [] : [{ level: readLevel(written), because: `${ANNOTATION} of namespace ${name}` }]
}
