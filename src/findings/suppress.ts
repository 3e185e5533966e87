import * as z from 'zod'
import type { Snapshot } from '../cluster/snapshot.ts'
import { readSuppression } from '../facts/suppression.ts'
import { matchesAnyGlob } from '../util/glob.ts'
import type { Suppression } from './finding.ts'
import type { Match } from './match.ts'

const globs = z.array(z.string().min(1)).min(1)

/** One entry of `suppressions` in the configuration. What is left out is not asked for; the rule and the reason are never left out. */
export const suppressionSchema = z
  .strictObject({
    rules: globs.describe('Rule ids, or globs over them.'),
    namespaces: globs.optional().describe('Namespaces, or globs over them.'),
    kinds: globs.optional().describe('Kinds of targets, such as Deployment.'),
    names: globs.optional().describe('Names of targets, or globs over them.'),
    reason: z.string().min(1).describe('Why. Shown with every finding that it hides.'),
    until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe('Until when, as RFC 3339. After that it hides nothing.'),
  })
  .meta({ id: 'Suppression', description: 'Hides findings, with a reason and, better, an end.' })

export type SuppressionEntry = z.infer<typeof suppressionSchema>

/**
 * Who said that this match is not to be shown: a mark on the object or an owner of it, a mark on its namespace, or the configuration.
 * A mark without a reason, or after its end, suppresses nothing. `now` is in milliseconds.
 */
export function suppressionOf(
  match: Match,
  { snapshot, now, entries }: { snapshot: Snapshot; now: number; entries: readonly SuppressionEntry[] },
): Suppression | undefined {
  for (const object of match.chain) {
    const marked = byMark(object.metadata.annotations, match.rule.id, now)
    if (marked) return { by: 'object', ...marked }
  }
  const { namespace } = match.target
  const home = namespace === undefined ? undefined : snapshot.get('namespaces', undefined, namespace)
  const marked = byMark(home?.metadata.annotations, match.rule.id, now)
  if (marked) return { by: 'namespace', ...marked }
  const entry = entries.find((one) => applies(one, match) && !isOver(one.until, now))
  return (
    entry && {
      by: 'config',
      reason: entry.reason,
      until: entry.until === undefined ? undefined : Date.parse(entry.until),
    }
  )
}

type Mark = Omit<Suppression, 'by'>

function byMark(
  annotations: Readonly<Record<string, string>> | undefined,
  rule: string,
  now: number,
): Mark | undefined {
  const mark = readSuppression(annotations, now)
  if (!mark || mark.problem !== null || mark.reason === undefined || !matchesAnyGlob(rule, mark.rules)) return undefined
  return { reason: mark.reason, until: mark.until }
}

const isOver = (until: string | undefined, now: number): boolean => until !== undefined && Date.parse(until) <= now

const asked = (patterns: readonly string[] | undefined, text: string): boolean =>
  patterns === undefined || matchesAnyGlob(text, patterns)

const applies = (entry: SuppressionEntry, { rule, target }: Match): boolean =>
  matchesAnyGlob(rule.id, entry.rules) &&
  asked(entry.namespaces, target.namespace ?? '') &&
  asked(entry.kinds, target.kind) &&
  asked(entry.names, target.name)
