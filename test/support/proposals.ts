import type { Snapshot } from '../../src/cluster/snapshot.ts'
import { policySchema, type Policy } from '../../src/policy/config.ts'
import { decide, type Decision } from '../../src/policy/decide.ts'
import type { Tier } from '../../src/policy/levels.ts'
import type { GateInput, Proposal } from '../../src/policy/proposal.ts'
import { ONE_LOOK, type Standing } from '../../src/policy/standing.ts'
import type { Grounds } from '../../src/remediation/action.ts'
import { NOW, deployment, namespace, snapshotOf, type Raw } from './build.ts'

/** A policy as a user would write it; defaults where nothing is said. */
export const policyOf = (written: object = {}): Policy => policySchema.parse(written)

/** Who an object is, as findings and plans name it. */
export function targetOf({ apiVersion, kind, metadata }: Raw): Proposal['object'] {
  const { name, namespace: place, uid } = metadata
  return {
    apiVersion,
    kind,
    namespace: typeof place === 'string' ? place : undefined,
    name: String(name),
    uid: String(uid),
  }
}

export interface Asked {
  /** What is acted on; default a Deployment of namespace `shop`. */
  readonly on?: Raw
  /** Everything else that exists; default the namespace `shop`. */
  readonly others?: readonly Raw[]
  readonly snapshot?: Snapshot
  readonly tier?: Tier
  readonly policy?: object
  readonly now?: number
  readonly proposal?: Partial<Proposal>
  readonly capabilities?: GateInput['capabilities']
  readonly standing?: Partial<Standing>
}

export const ACTION = 'some-action'
export const RULE = 'some-rule'

/** What the gates judge by; the action is installed everywhere unless told otherwise. */
export function gateInput(asked: Asked = {}): GateInput {
  const on = asked.on ?? deployment({ name: 'cart' })
  const { others = [namespace({ name: 'shop' })], capabilities = [{ action: ACTION, namespaces: ['*'] }] } = asked
  return {
    snapshot: asked.snapshot ?? snapshotOf([on, ...others]),
    policy: policyOf(asked.policy),
    capabilities,
    standing: { ...ONE_LOOK, ...asked.standing },
    now: asked.now ?? NOW,
    proposal: {
      rule: RULE,
      action: ACTION,
      tier: asked.tier ?? 'change',
      object: targetOf(on),
      changes: [{ pointer: '/spec/paused', from: null, to: true }],
      managedBy: null,
      ownerComplete: true,
      ...asked.proposal,
    },
  }
}

/** The decision with every gate. */
export const decided = (asked: Asked = {}): Decision => decide(gateInput(asked))

/** What of a finding a plan rests on: about `target`, true of `subjects` (default the target itself). */
export function grounds(target: Raw, rest: Partial<Grounds> & { readonly of?: readonly Raw[] } = {}): Grounds {
  const { of = [target], ...given } = rest
  const sample = of.map(({ kind, metadata }) => ({
    ...targetOf({ apiVersion: '', kind, metadata }),
    resourceVersion: undefined,
  }))
  return {
    id: 'some-rule-0a1b2c3d',
    rule: { id: RULE, version: 'sha256:0' },
    target: targetOf(target),
    ownerComplete: true,
    container: undefined,
    managedBy: null,
    subjects: { count: sample.length, sample },
    recommend: [],
    ...given,
  }
}
