import type { Vocabulary } from '../../src/engine/vocabulary.ts'
import { fact, type Fact } from '../../src/facts/fact.ts'
import { known, unknown, type Reading } from '../../src/facts/reading.ts'
import type { Subject, SubjectKind, View } from '../../src/facts/subject.ts'
import { NOW, snapshotOf } from '../support/build.ts'
import { parseDuration } from '../../src/util/duration.ts'
import { loadRules, type LoadOptions, type RuleSet } from '../../src/engine/loader.ts'

/** Readings by fact and parameters, as examples write them: what is not there is unknown. */
export type Readings = Readonly<Record<string, Reading>>

const readings = new WeakMap<object, Readings>()

const WINDOW = { window: { type: 'duration', description: 'How far back.' } } as const

function reader(name: string, subjects: readonly SubjectKind[], more: Partial<Fact>): Fact {
  return fact({
    name,
    subjects,
    type: 'number',
    description: `The ${name} of a test.`,
    reads: [],
    read: (subject, _view, parameters) => {
      const parts = Object.entries(parameters).map(([key, value]) => `${key}=${value}`)
      const key = parts.length === 0 ? name : `${name}(${parts.join(',')})`
      return readings.get(subject.object)?.[key] ?? unknown('not-recorded', `${key} is not given`)
    },
    ...more,
  })
}

/** One fact of each type, with and without parameters, `null` and a closed list of words. */
export const FACTS: readonly Fact[] = [
  reader('restartsIn', ['container'], { parameters: WINDOW }),
  reader('restartCount', ['container'], {}),
  reader('lastExitCode', ['container'], { nullable: true }),
  reader('lastTerminationReason', ['container'], { type: 'string', nullable: true }),
  reader('state', ['container'], { type: 'string', values: ['running', 'waiting', 'terminated'] }),
  reader('image', ['container'], { type: 'string' }),
  reader('ready', ['container', 'pod'], { type: 'boolean' }),
  reader('memoryLimitBytes', ['container'], { nullable: true }),
  reader('memoryUsageBytes', ['container'], {}),
  reader('cpuRequestCores', ['container'], { nullable: true }),
  reader('reasons', ['container', 'pod'], { type: 'strings' }),
  reader('owners', ['pod'], { type: 'strings', nullable: true }),
  reader('age', ['node'], {}),
]

export const VOCABULARY: Vocabulary = {
  facts: FACTS,
  actions: ['restart-workload', 'rollback-workload', 'quarantine-workload'],
  relations: ['same-target', 'same-container', 'pods-on-node'],
}

/** The example of the design. */
export const crashLoop = () => ({
  $schema: 'https://dogwatch.io/schema/rule-v1.json',
  id: 'crash-loop',
  subject: 'container',
  severity: 'critical',
  category: 'health',
  title: '{container} of {target} keeps crashing',
  conditions: {
    any: [
      { fact: 'restartsIn', params: { window: '15m' }, operator: 'greaterThanInclusive', value: 3 },
      {
        all: [
          { fact: 'restartsIn', params: { window: '15m' }, operator: 'greaterThanInclusive', value: 2 },
          { fact: 'restartCount', operator: 'greaterThanInclusive', value: 5 },
        ],
      },
    ],
  } as unknown,
  for: '0s' as unknown,
  resolveAfter: '15m',
  explain: 'restarted {restartsIn(window=15m)} times; last exit code {lastExitCode} ({lastTerminationReason})',
  recommend: ['rollback-workload', 'quarantine-workload'],
  runbook: 'docs/runbooks/crash-loop.md',
  examples: {
    fires: [{ 'restartsIn(window=15m)': 4 }],
    quiet: [{ 'restartsIn(window=15m)': 1, restartCount: 40 }],
    unknown: [{}],
  } as Record<string, unknown>,
})

export type RuleFile = ReturnType<typeof crashLoop> & Record<string, unknown>

/** A rule that asks one thing, with examples left to the caller. */
export function ruleOf(conditions: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...crashLoop(), explain: 'so it is', conditions, ...more }
}

export const load = (files: readonly [file: string, rule: unknown][], options: LoadOptions = {}): Promise<RuleSet> =>
  loadRules(
    files.map(([file, rule]) => ({ file, text: typeof rule === 'string' ? rule : JSON.stringify(rule, null, 2) })),
    VOCABULARY,
    options,
  )

/** Durations of a window as the reader sees them: `restartsIn(15m)`. */
export const windowKey = (name: string, window: string): string => `${name}(window=${parseDuration(window)})`

/** A container whose facts read as given. */
export function container(given: Readings, metadata: Record<string, unknown> = {}): Subject {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'cart-1', namespace: 'shop', uid: 'uid-1', ...metadata },
  } as Subject<'container'>['object']
  readings.set(object, given)
  const spec = { name: 'app' } as NonNullable<Subject['container']>['spec']
  return {
    kind: 'container',
    key: 'uid-1/app',
    object,
    container: { name: 'app', role: 'main', spec, status: undefined },
  }
}

export const VIEW: View = { snapshot: snapshotOf([]), now: NOW }

export { known, unknown }
