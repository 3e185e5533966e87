import type { AnyObject } from '../cluster/kinds.ts'
import type { SubjectReference } from './finding.ts'
import type { Match } from './match.ts'

/** How many subjects a finding names; the count says how many there are. */
export const SAMPLE = 5

/** The objects that matches are about: how many there are, and the first of them. */
export function sample(matches: readonly Match[]): { count: number; sample: SubjectReference[] } {
  const objects = [...new Map(matches.map(({ subject: { object } }) => [object.metadata.uid, object])).values()]
  const references = objects.slice(0, SAMPLE).map(referenceTo)
  return { count: objects.length, sample: references }
}

export const referenceTo = ({ kind, metadata }: AnyObject): SubjectReference => ({
  kind,
  namespace: metadata.namespace,
  name: metadata.name,
  uid: metadata.uid,
  resourceVersion: metadata.resourceVersion,
})
