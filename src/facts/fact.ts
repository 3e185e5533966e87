import type { IndexName } from '../cluster/indexes.ts'
import type { Resource } from '../cluster/kinds.ts'
import { isUnknown, unknown, type Reading, type UnknownReason } from './reading.ts'
import type { Subject, SubjectKind, View } from './subject.ts'

/** A parameter of a fact. Durations are written `15m` in a rule and handed to the reader in milliseconds. */
export interface Parameter {
  readonly type: 'duration' | 'number' | 'string'
  readonly description: string
  /** Used when a rule leaves the parameter out; without one it is required. */
  readonly default?: string | number
}

export type Parameters = Readonly<Record<string, number | string>>

/**
 * What else than the subject itself a fact reads. Two things come from it: a fact is unknown when a kind it needs could not be
 * read, and a change of such an object makes the subjects look again, over the index (old and new key) or, without one, by namespace.
 */
export interface Read {
  readonly resource: Resource
  readonly index?: IndexName
  /** The fact says something without it too, and asks the snapshot itself how completely it was looked at. */
  readonly optional?: true
}

export type FactType = 'number' | 'string' | 'boolean' | 'strings'

/** A named, typed way to read a subject at a time. The unit is in the name. */
export interface Fact<K extends SubjectKind = SubjectKind> {
  readonly name: string
  readonly subjects: readonly K[]
  readonly type: FactType
  /** Whether it may read `null`: the API says that there is none. */
  readonly nullable?: true
  /** The closed list of words of a `string` fact, where there is one: checked at load and completed by editors. */
  readonly values?: readonly string[]
  readonly description: string
  readonly parameters?: Readonly<Record<string, Parameter>>
  readonly reads: readonly Read[]
  read(subject: Subject<K>, view: View, parameters: Parameters): Reading
}

/** Declares a fact; only helps the compiler to know the subject in `read`. */
export const fact = <K extends SubjectKind>(declared: Fact<K>): Fact => declared

/**
 * Reads a fact. A kind it needs and that could not be read makes it unknown, whatever the reader would have made of the gap.
 */
export function readFact(declared: Fact, subject: Subject, at: { view: View; parameters: Parameters }): Reading {
  for (const { resource, optional } of declared.reads) {
    if (optional) continue
    const look = at.view.snapshot.look(resource, subject.object.metadata.namespace)
    if (typeof look === 'object') return unknown(look.unknown satisfies UnknownReason, look.detail)
  }
  const reading = declared.read(subject, at.view, at.parameters)
  // NaN compares false with everything, which `not` would turn into true.
  if (!isUnknown(reading) && typeof reading.value === 'number' && Number.isNaN(reading.value))
    return unknown('malformed', `${declared.name} is not a number`)
  return reading
}
