import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { INDEXES } from '../../src/cluster/indexes.ts'
import { readFact, type Fact, type FactType, type Parameters } from '../../src/facts/fact.ts'
import { FACTS } from '../../src/facts/index.ts'
import { isUnknown, type Bounds, type Known, type Value } from '../../src/facts/reading.ts'
import { subjectsIn, type Subject, type View } from '../../src/facts/subject.ts'
import { RECORDINGS, recording } from '../support/recordings.ts'

const ROOT = join(import.meta.dirname, '../..')
const HOUR = 3_600_000

/** Facts that no shipped rule reads: they are there for the rules of users. */
const FOR_USERS = new Set(
  'backoffLimit claimLeftBy claimUnusedCondition containersWithoutRequest cordoned cpuThrottledPercent deadlineSeconds desiredReplicas existingPods failedPods lastExitCode lastFailedExitCode lastRunSeconds lastTerminationReason managedByName managedByTool maxReplicas nodeProblems podPhase previousRevisionAvailable quotaUsedUp readyEndpoints readyLossesIn rolloutPaused schedulingNodes startFailure unreadyCause'.split(
    ' ',
  ),
)

const rules = readdirSync(join(ROOT, 'rules')).map((file) => readFileSync(join(ROOT, 'rules', file), 'utf8'))
const words = new Set(rules.flatMap((rule) => rule.match(/\b\w+\b/g) ?? []))

test('every fact has one name, a description, and a use', () => {
  const names = FACTS.map(({ name }) => name)
  assert.deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  )
  assert.deepEqual(
    FACTS.filter(({ description }) => !/^[A-Z`].{15,}\.$/.test(description)).map(({ name }) => name),
    [],
  )
  assert.deepEqual(
    names.filter((name) => !words.has(name)).toSorted(),
    [...FOR_USERS].toSorted(),
    'a fact is read by a shipped rule, or named here as one for users',
  )
})

test('every fact is in the reference', () => {
  const page = readFileSync(join(ROOT, 'docs/facts.md'), 'utf8')
  assert.deepEqual(
    FACTS.map(({ name }) => name).filter((name) => !page.includes(`\`${name}`)),
    [],
  )
})

test('an index that a fact reads is one of the kind it reads', () => {
  const wrong = FACTS.flatMap(({ name, reads }) =>
    reads
      .filter(({ resource, index }) => index && INDEXES[index].resource !== resource)
      .map(({ index }) => [name, index]),
  )
  assert.deepEqual(wrong, [])
})

const isBounds = (value: Value): value is Bounds => typeof value === 'object' && value !== null && 'atLeast' in value

const FITS: Readonly<Record<FactType, (value: Value) => boolean>> = {
  number: (value) => typeof value === 'number' || (isBounds(value) && value.atLeast <= value.atMost),
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  strings: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
}

/** What may be wrong with a known reading. */
const FAULTS: readonly (readonly [what: string, is: (fact: Fact, reading: Known, now: number) => boolean])[] = [
  ['null, and not declared so', ({ nullable }, { value }) => value === null && nullable !== true],
  ['not of its type', ({ type }, { value }) => value !== null && !FITS[type](value)],
  [
    'none of its words',
    ({ values }, { value }) => values !== undefined && typeof value === 'string' && !values.includes(value),
  ],
  ['since a time to come', (_fact, { since }, now) => since !== undefined && !(since <= now)],
  ['until a time that has passed', (_fact, { until }, now) => until !== undefined && !(until >= now)],
]

const parametersOf = ({ parameters = {} }: Fact): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, { default: value = HOUR }]) => [name, value]))

function faultsOf(fact: Fact, subject: Subject, view: View): string[] {
  const reading = readFact(fact, subject, { view, parameters: parametersOf(fact) })
  if (isUnknown(reading)) return []
  const found = FAULTS.filter(([, is]) => is(fact, reading, view.now))
  return found.map(([what]) => `${fact.name} of ${subject.object.metadata.name}: ${what}: ${JSON.stringify(reading)}`)
}

for (const name of RECORDINGS)
  test(`${name}: each reading of each subject is as its fact is declared, and dated sensibly`, () => {
    const snapshot = recording(name)
    const view = { snapshot, now: snapshot.takenAt }
    const faults = FACTS.flatMap((fact) =>
      fact.subjects
        .flatMap((kind): readonly Subject[] => subjectsIn(kind, snapshot))
        .flatMap((subject) => faultsOf(fact, subject, view)),
    )
    assert.deepEqual(faults, [])
  })
