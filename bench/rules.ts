import { Engine, type TopLevelCondition } from 'json-rules-engine'
import { loadRules } from '../src/engine/loader.ts'
import { fact, type Fact } from '../src/facts/fact.ts'
import { known, type Value } from '../src/facts/reading.ts'
import type { Subject, View } from '../src/facts/subject.ts'
import { median, micros } from './measure.ts'

type Readings = Readonly<Record<string, Value>>

const CRASHING = { restartsIn: 4, restartCount: 7, lastExitCode: 1, lastTerminationReason: 'Error', ready: false }

/** What a cluster is like: one that fires, among others that stop at the first, the middle and the last question. */
const READINGS: readonly Readings[] = [
  CRASHING,
  { ...CRASHING, ready: true },
  { ...CRASHING, restartsIn: 1 },
  { ...CRASHING, lastTerminationReason: 'OOMKilled' },
]

const CONDITIONS = {
  all: [
    { fact: 'ready', operator: 'equal', value: false },
    {
      any: [
        { fact: 'restartsIn', params: { window: '15m' }, operator: 'greaterThanInclusive', value: 5 },
        {
          all: [
            { fact: 'restartsIn', params: { window: '15m' }, operator: 'greaterThanInclusive', value: 2 },
            { fact: 'restartCount', operator: 'greaterThanInclusive', value: 5 },
            { not: { fact: 'lastTerminationReason', operator: 'in', value: ['Completed', 'OOMKilled'] } },
          ],
        },
      ],
    },
  ],
} satisfies TopLevelCondition

const RULE = {
  id: 'crash-loop',
  subject: 'container',
  severity: 'critical',
  category: 'health',
  title: '{container} of {target} keeps crashing',
  conditions: CONDITIONS,
  explain: 'restarted {restartsIn(window=15m)} times; last exit code {lastExitCode}',
  runbook: 'docs/runbooks/crash-loop.md',
  examples: {
    fires: [{ ready: false, 'restartsIn(window=15m)': 5 }],
    quiet: [{ ready: true }],
    unknown: [{}],
  },
}

const TYPES = { number: 'number', string: 'string', boolean: 'boolean' } as const

const facts: readonly Fact[] = Object.entries(CRASHING).map(([name, value]) =>
  fact({
    name,
    subjects: ['container'],
    type: TYPES[typeof value as keyof typeof TYPES],
    description: 'A fact of the benchmark.',
    ...(name === 'restartsIn' ? { parameters: { window: { type: 'duration', description: 'How far back.' } } } : {}),
    reads: [],
    read: (subject) => known(READINGS[Number(subject.key)]?.[name] ?? null),
  }),
)

const SUBJECTS = READINGS.keys()
  .map((index) => ({
    kind: 'container',
    key: String(index),
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cart', namespace: 'shop', uid: 'uid' } },
    container: { name: 'app', role: 'main', spec: {}, status: undefined },
  }))
  .toArray() as Subject[]
const VIEW = { snapshot: {}, now: 0 } as View

/** Counts the subjects on which a rule fires. */
async function compiled(): Promise<() => number> {
  const { rules, problems } = await loadRules([{ file: 'crash-loop.json', text: JSON.stringify(RULE) }], {
    facts,
    actions: [],
    relations: [],
  })
  const [rule] = rules
  if (rule === undefined) throw new Error(JSON.stringify(problems))
  return () => SUBJECTS.reduce((sum, subject) => sum + Number(rule.evaluate(subject, VIEW)?.truth === 'true'), 0)
}

function reference(): () => Promise<number> {
  const engine = new Engine()
  engine.addRule({ conditions: CONDITIONS, event: { type: 'crash-loop' } })
  return async () => {
    let sum = 0
    for (const readings of READINGS) sum += (await engine.run({ ...readings })).events.length
    return sum
  }
}

const ROUNDS = 15
const EVALUATIONS = 50_000
const RUNS = 500

/**
 * One rule on one subject: our closures beside json-rules-engine, in turns, in microseconds of CPU; over a few subjects, one of which
 * fires. The target is 100 times faster.
 */
export async function benchRules(): Promise<string> {
  const ours = await compiled()
  const theirs = reference()
  if (ours() !== 1 || (await theirs()) !== 1) throw new Error('the rule must fire once in both')
  const times = { ours: [] as number[], theirs: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(await micros(EVALUATIONS, async (count) => repeat(count, ours)))
    times.theirs.push(await micros(RUNS, async (count) => repeatLater(count, theirs)))
  }
  const [our, their] = [median(times.ours) / SUBJECTS.length, median(times.theirs) / SUBJECTS.length]
  return `one rule on one subject: ${our.toFixed(3)} µs compiled, ${their.toFixed(1)} µs json-rules-engine, ${Math.round(their / our)}× (target ≥ 100×)`
}

function repeat(count: number, once: () => number): void {
  for (let i = 0; i < count; i++) if (once() !== 1) throw new Error('it stopped firing')
}

async function repeatLater(count: number, once: () => Promise<number>): Promise<void> {
  for (let i = 0; i < count; i++) if ((await once()) !== 1) throw new Error('it stopped firing')
}
