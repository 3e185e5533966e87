import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Snapshot } from '../../src/cluster/snapshot.ts'
import { loadRules, type RuleSet } from '../../src/engine/loader.ts'
import { FACTS } from '../../src/facts/index.ts'
import type { Assessment } from '../../src/findings/assess.ts'
import type { Finding } from '../../src/findings/finding.ts'
import { RELATIONS } from '../../src/findings/relations.ts'
import { reconcile } from '../../src/reconcile.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'

const RULES = join(import.meta.dirname, '../../rules')

const VOCABULARY = {
  facts: FACTS,
  actions: ACTIONS.map(({ name }) => name),
  relations: Object.keys(RELATIONS),
}

let shipped: Promise<RuleSet> | undefined

/** The shipped rules, loaded once for all tests. */
export function shippedRules(): Promise<RuleSet> {
  const files = readdirSync(RULES).map((file) => ({ file, text: readFileSync(join(RULES, file), 'utf8') }))
  return (shipped ??= loadRules(files, VOCABULARY))
}

/** What the shipped rules make of a snapshot at the time it was taken. */
export async function judge(snapshot: Snapshot): Promise<Assessment> {
  const rules = await shippedRules()
  return reconcile(snapshot, { rules, suppressions: [], clocks: new Map(), now: snapshot.takenAt, wanted: () => true })
}

const isShown = ({ state }: Finding): boolean => state === 'firing' || state === 'pending'

/** The findings that are firing or pending, as `rule Kind/name`, in order; those of `info` severity are left out. */
export async function shown(snapshot: Snapshot): Promise<string[]> {
  const { findings } = await judge(snapshot)
  return findings
    .filter((finding) => isShown(finding) && finding.severity !== 'info')
    .map(({ rule, target }) => `${rule.id} ${target.kind}/${target.name}`)
    .toSorted()
}

/** The finding of a rule; fails when there is not exactly one. */
export async function findingOf(rule: string, snapshot: Snapshot): Promise<Finding> {
  const { findings } = await judge(snapshot)
  const [first, ...more] = findings.filter((finding) => finding.rule.id === rule)
  if (!first || more.length > 0) throw new Error(`${rule}: ${first ? more.length + 1 : 0} findings`)
  return first
}
