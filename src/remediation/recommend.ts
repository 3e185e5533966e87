import type { AnyObject } from '../cluster/kinds.ts'
import type { Past } from '../facts/past.ts'
import type { Finding } from '../findings/finding.ts'
import type { Capability } from '../policy/capability.ts'
import type { Policy } from '../policy/config.ts'
import { decide, type Decision } from '../policy/decide.ts'
import type { Tier } from '../policy/levels.ts'
import type { Standing } from '../policy/standing.ts'
import { shortHash } from '../util/hash.ts'
import { isRefusal, refuse, type Action, type Context, type Grounds, type Refusal } from './action.ts'
import { plan, type Plan } from './plan.ts'
import type { Patch } from './request.ts'

/** An action proposed for a finding, with the decision on it; as the API and the CLI give it. */
export interface Recommendation {
  readonly id: string
  readonly action: string
  /** The object that would be written to; not always the finding's target. */
  readonly object: Plan['object']
  readonly parameters: Readonly<Record<string, unknown>>
  readonly tier: Tier
  readonly reversible: boolean
  readonly effect: string
  readonly decision: Decision
  readonly planHash: string
  readonly patch: Patch | null
}

/** An action that the rule names and that is not proposed, and why. */
export interface Refused extends Refusal {
  readonly action: string
}

export interface Circumstances {
  readonly snapshot: Context['snapshot']
  readonly actions: readonly Action[]
  readonly policy: Policy
  readonly capabilities: readonly Capability[]
  readonly standing: Standing
  /** Milliseconds since 1970. */
  readonly now: number
  /** What is remembered; absent in a scan. */
  readonly past?: Past | undefined
}

type Look = Pick<Circumstances, 'snapshot' | 'actions' | 'now' | 'past'>

/** What could be done about a finding: the actions proposed, and those that its rule names and that are not for it. */
export interface Advice {
  readonly recommendations: readonly Recommendation[]
  readonly refused: readonly Refused[]
}

/** Advice on each finding that is firing or pending, by its id. What is explained is mended at its cause, what is suppressed is left alone. */
export function advise(findings: readonly Finding[], at: Circumstances): Map<string, Advice> {
  const open = findings.filter(({ state }) => state === 'firing' || state === 'pending')
  return new Map(
    open.map((finding) => {
      const outcomes = considered(finding, at)
      return [finding.id, { recommendations: proposed(finding, outcomes, at), refused: notProposed(outcomes) }]
    }),
  )
}

/**
 * The actions that a finding's rule names and that are for it, in the rule's order, each with the policy's decision. At most one per
 * action: of several objects (ten evicted pods) the first, and the next when that one is done.
 */
export function recommend(finding: Grounds, at: Circumstances): Recommendation[] {
  return proposed(finding, considered(finding, at), at)
}

/** The actions that a finding's rule names and that are not for it, in the rule's order, with the reason. */
export function refusals(finding: Grounds, at: Look): Refused[] {
  return notProposed(considered(finding, at))
}

interface Considered {
  readonly name: string
  readonly action: Action | undefined
  readonly outcome: Plan | Refusal
}

const proposed = (finding: Grounds, outcomes: readonly Considered[], at: Circumstances): Recommendation[] =>
  outcomes.flatMap(({ action, outcome }) =>
    action === undefined || isRefusal(outcome) ? [] : recommendation(finding, { action, plan: outcome }, at),
  )

const notProposed = (outcomes: readonly Considered[]): Refused[] =>
  outcomes.flatMap(({ name, outcome }) =>
    isRefusal(outcome) ? { action: name, refused: outcome.refused, detail: outcome.detail } : [],
  )

function considered(finding: Grounds, { snapshot, actions, now, past }: Look): Considered[] {
  const context = { snapshot, finding, now, past }
  const objects = candidates(context)
  return finding.recommend.map((name) => {
    const action = actions.find((one) => one.name === name)
    return { name, action, outcome: action ? first(action, objects, context) : refuse('wrong-kind', 'no such action') }
  })
}

// The target, then what the rule was true of: an action is for whichever of them is of its kind.
function candidates({ finding, snapshot }: Context): AnyObject[] {
  const uids = [finding.target.uid, ...finding.subjects.sample.map((subject) => subject.uid)]
  return [...new Set(uids)].map((uid) => snapshot.byUid(uid)).filter((object) => object !== undefined)
}

function first(action: Action, objects: readonly AnyObject[], context: Context): Plan | Refusal {
  const outcomes = objects.map((object) => plan(action, object, context))
  const found = outcomes.find((outcome) => !isRefusal(outcome))
  const closest = outcomes.find((outcome) => isRefusal(outcome) && outcome.refused !== 'wrong-kind')
  return found ?? closest ?? outcomes[0] ?? refuse('not-held', 'its target is not in this look')
}

function recommendation(
  finding: Grounds,
  { action, plan: planned }: { action: Action; plan: Plan },
  { snapshot, policy, capabilities, standing, now }: Circumstances,
): Recommendation {
  const { object, parameters, changes, planHash, effect, patch } = planned
  const { managedBy, ownerComplete, rule } = finding
  const proposal = { rule: rule.id, action: action.name, tier: action.tier, object, changes, managedBy, ownerComplete }
  return {
    id: `rec-${shortHash([finding.id, action.name, planHash])}`,
    action: action.name,
    object,
    parameters,
    tier: action.tier,
    reversible: action.inverse !== null,
    effect,
    decision: decide({ proposal, snapshot, policy, capabilities, standing, now }),
    planHash,
    patch,
  }
}
