import type { AnyObject } from '../cluster/kinds.ts'
import type { CompiledRule, Evaluation, Rule, True, Undecided } from '../engine/rule.ts'
import type { Subject, View } from '../facts/subject.ts'
import { shortHash } from '../util/hash.ts'
import type { Target } from './finding.ts'

/** A rule that is true or unknown for one subject, before roll-up. */
export interface Match<E extends True | Undecided = True | Undecided> {
  readonly rule: Rule
  readonly subject: Subject
  readonly evaluation: E
  readonly target: Target
  /** From the subject's object to the target. */
  readonly chain: readonly AnyObject[]
  readonly ownerComplete: boolean
  /** The id of the finding it belongs to. */
  readonly finding: string
}

export const isTrue = (one: Match): one is Match<True> => one.evaluation.truth === 'true'

export const isUndecided = (one: Match): one is Match<Undecided> => one.evaluation.truth === 'unknown'

const targetOf = (object: AnyObject): Target => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  uid: object.metadata.uid,
})

/** `Kind namespace/name`, as titles name a target. */
export const nameOf = ({ kind, namespace, name }: Pick<Target, 'kind' | 'namespace' | 'name'>): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`

/**
 * The id of a finding: the rule, the target by name and the container, in one cluster. Restarts, new pods, a recreated target and new
 * versions of the rule or of dogwatch keep it.
 */
function findingId(cluster: string, rule: string, root: AnyObject, container = ''): string {
  const { kind, metadata } = root
  const known = IDS.get(root) ?? new Map<string, string>()
  const key = `${cluster} ${rule} ${container}`
  const id =
    known.get(key) ?? `${rule}-${shortHash([cluster, rule, kind, metadata.namespace ?? '', metadata.name, container])}`
  IDS.set(root, known.set(key, id))
  return id
}

// All pods of an owner are asked again and again, and each would have text of its own that says the same.
const IDS = new WeakMap<AnyObject, Map<string, string>>()

/** What one rule says of one subject; `undefined` when it is false or out of scope. */
export function match({ rule, evaluate }: CompiledRule, subject: Subject, view: View): Match | undefined {
  const evaluation = evaluate(subject, view)
  return evaluation && matchOf(rule, evaluation, { subject, view })
}

/** What an evaluation means for a finding; `undefined` when it is false. */
export function matchOf(
  rule: Rule,
  evaluation: Evaluation,
  { subject, view }: { readonly subject: Subject; readonly view: View },
): Match | undefined {
  if (evaluation.truth === 'false') return undefined
  const { chain, missing } = view.snapshot.owners(subject.object)
  const root = chain.at(-1) ?? subject.object
  const finding = findingId(view.snapshot.cluster, rule.id, root, subject.container?.name)
  return { rule, subject, evaluation, target: targetOf(root), chain, ownerComplete: missing === undefined, finding }
}
