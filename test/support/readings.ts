import { FACTS } from '../../src/facts/index.ts'
import { readFact } from '../../src/facts/fact.ts'
import type { Reading } from '../../src/facts/reading.ts'
import { subjectsIn, type Subject, type SubjectKind } from '../../src/facts/subject.ts'
import type { Snapshot } from '../../src/cluster/snapshot.ts'

/** The subject of a kind with this name (a container as `pod/container`). */
export function subjectOf(kind: SubjectKind, name: string, snapshot: Snapshot): Subject {
  const nameOf = ({ object, container }: Subject): string =>
    container ? `${object.metadata.name}/${container.name}` : object.metadata.name
  const found = subjectsIn(kind, snapshot).find((subject) => nameOf(subject) === name)
  if (!found) throw new Error(`no ${kind} ${name} in the snapshot`)
  return found
}

/** What a fact says of the subject with this name, read as the engine reads it, at the time of the snapshot. */
export function readingOf(
  fact: string,
  of: { readonly kind: SubjectKind; readonly name: string },
  snapshot: Snapshot,
  parameters: Readonly<Record<string, number | string>> = {},
): Reading {
  const declared = FACTS.find(({ name, subjects }) => name === fact && subjects.includes(of.kind))
  if (!declared) throw new Error(`no fact ${fact} of a ${of.kind}`)
  const view = { snapshot, now: snapshot.takenAt }
  return readFact(declared, subjectOf(of.kind, of.name, snapshot), { view, parameters })
}

/** The value that a fact says; `unknown` with the reason where it says none. */
export function valueOf(
  fact: string,
  of: { readonly kind: SubjectKind; readonly name: string },
  snapshot: Snapshot,
): unknown {
  const reading = readingOf(fact, of, snapshot)
  return 'unknown' in reading ? { unknown: reading.unknown } : reading.value
}
