import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INDEXES, type IndexName } from '../../src/cluster/indexes.ts'
import type { Resource } from '../../src/cluster/kinds.ts'
import type { Snapshot } from '../../src/cluster/snapshot.ts'
import type { Fact, Parameters } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import { subjectsIn, type Subject } from '../../src/facts/subject.ts'
import { RECORDINGS, recording } from '../support/recordings.ts'

/** A snapshot that notes which kinds are read through it. Owner chains and custom objects are not kinds that a fact declares. */
function watched(snapshot: Snapshot, read: Set<Resource>): Snapshot {
  const note = (resource: Resource): void => void read.add(resource)
  return {
    takenAt: snapshot.takenAt,
    cluster: snapshot.cluster,
    all: (resource) => (note(resource), snapshot.all(resource)),
    get: (resource, namespace, name) => (note(resource), snapshot.get(resource, namespace, name)),
    byUid: (uid) => snapshot.byUid(uid),
    custom: () => snapshot.custom(),
    holds: (resource) => (note(resource), snapshot.holds(resource)),
    within: (resource: Resource | 'custom', namespace?: string) => {
      if (resource === 'custom') return snapshot.within(resource, namespace)
      note(resource)
      return snapshot.within(resource, namespace) as never
    },
    indexed: (index: IndexName, key) => (note(INDEXES[index].resource), snapshot.indexed(index, key)),
    look: (resource, namespace) => snapshot.look(resource, namespace),
    owners: (object) => snapshot.owners(object),
  }
}

const HOUR = 3_600_000
const parametersOf = ({ parameters = {} }: Fact): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, { default: value = HOUR }]) => [name, value]))

test('what a fact reads is what it says it reads, on every object of every recording', () => {
  const undeclared = new Set<string>()
  for (const name of RECORDINGS) {
    const snapshot = recording(name)
    for (const fact of FACTS) {
      const read = new Set<Resource>()
      const view = { snapshot: watched(snapshot, read), now: snapshot.takenAt }
      for (const subject of fact.subjects.flatMap((kind): readonly Subject[] => subjectsIn(kind, snapshot)))
        fact.read(subject, view, parametersOf(fact))
      for (const { resource } of fact.reads) read.delete(resource)
      for (const resource of read) undeclared.add(`${fact.name} reads ${resource}`)
    }
  }
  assert.deepEqual([...undeclared].toSorted(), [])
})
