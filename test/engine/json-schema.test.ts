import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ruleJsonSchema } from '../../src/engine/json-schema.ts'
import { FACTS as REAL_FACTS } from '../../src/facts/index.ts'
import { RELATIONS } from '../../src/findings/relations.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { schemaFaults } from '../support/json-schema.ts'
import { crashLoop, FACTS, VOCABULARY } from './facts.ts'

const SCHEMA = ruleJsonSchema(VOCABULARY)
type Rule = Record<string, unknown>
const leaf = (more: Rule): Rule => ({
  ...crashLoop(),
  conditions: { all: [{ fact: 'restartCount', operator: 'equal', value: 1, ...more }] },
})
const restartsIn = { fact: 'restartsIn', operator: 'lessThan' }

const TAKEN: [what: string, rule: Rule][] = [
  ['the rule of the design', crashLoop()],
  ['a threshold', { ...leaf({ value: { threshold: 'n' } }), thresholds: { n: 3 } }],
  ['another fact', leaf({ value: { fact: 'restartsIn', params: { window: '5m' } } })],
  ['null of a fact that may be null', leaf({ fact: 'lastExitCode', value: null })],
  ['a word of a closed list', leaf({ fact: 'state', operator: 'in', value: ['running'] })],
  ['any other word', leaf({ fact: 'image', operator: 'notEqual', value: 'x' })],
  ['a member of a list', leaf({ fact: 'reasons', operator: 'contains', value: 'x' })],
  ['a question', leaf({ fact: 'reasons', operator: 'isKnown', value: true })],
  [
    'a nested not',
    { ...crashLoop(), conditions: { not: { any: [{ not: { fact: 'ready', operator: 'equal', value: true } }] } } },
  ],
  [
    'named conditions',
    {
      ...crashLoop(),
      conditions: { condition: 'a' },
      definitions: { a: { all: [{ fact: 'ready', operator: 'equal', value: true }] } },
    },
  ],
  ['two subjects', { ...leaf({ fact: 'ready', value: true }), subject: ['container', 'pod'] }],
  ['for by a fact', { ...crashLoop(), for: { by: 'state', values: { running: '5m' }, default: '1m' } }],
]
for (const [what, rule] of TAKEN)
  test(`the published schema takes ${what}`, () => assert.deepEqual(schemaFaults(SCHEMA, rule), []))

const REFUSED: [what: string, rule: Rule][] = [
  ['an unknown key', { ...crashLoop(), severty: 'high' }],
  ['a missing key', { ...crashLoop(), runbook: undefined }],
  ['an unknown subject', { ...crashLoop(), subject: 'containr' }],
  ['an unknown fact', leaf({ fact: 'restartCont' })],
  ['a fact of another subject', leaf({ fact: 'age' })],
  ['a fact that one of two subjects lacks', { ...leaf({}), subject: ['container', 'pod'] }],
  ['an unknown operator', leaf({ operator: 'equals' })],
  ['an operator of another type', leaf({ operator: 'contains', value: 'x' })],
  ['a value of another type', leaf({ value: '1' })],
  ['null of a fact that is never null', leaf({ value: null })],
  ['order against null', leaf({ fact: 'lastExitCode', operator: 'lessThan', value: null })],
  ['a word that is never said', leaf({ fact: 'state', value: 'runing' })],
  ['such a word in a list', leaf({ fact: 'state', operator: 'in', value: ['runing'] })],
  ['a word for a list', leaf({ fact: 'state', operator: 'in', value: 'running' })],
  ['isKnown with false', leaf({ operator: 'isKnown', value: false })],
  ['a missing parameter', leaf({ ...restartsIn })],
  ['a missing parameter among others', leaf({ ...restartsIn, params: {} })],
  ['an unknown parameter', leaf({ ...restartsIn, params: { window: '5m', of: 'x' } })],
  ['a parameter that nothing takes', leaf({ params: { window: '5m' } })],
  ['an empty any', { ...crashLoop(), conditions: { any: [] } }],
  ['a lone leaf', { ...crashLoop(), conditions: { fact: 'restartCount', operator: 'equal', value: 1 } }],
  [
    'a wrong fact in a definition',
    { ...crashLoop(), definitions: { a: { all: [{ fact: 'x', operator: 'equal', value: 1 }] } } },
  ],
  ['an unknown action', { ...crashLoop(), recommend: ['reboot'] }],
  ['an unknown relation', { ...crashLoop(), inhibits: [{ rule: 'a', via: 'b' }] }],
  ['no example that fires', { ...crashLoop(), examples: { fires: [], quiet: [{}], unknown: [] } }],
]
for (const [what, rule] of REFUSED)
  test(`the published schema refuses ${what}`, () =>
    assert.notDeepEqual(schemaFaults(SCHEMA, JSON.parse(JSON.stringify(rule))), []))

test('every fact can be chosen, with its description, for each of its subjects', () => {
  const definitions = SCHEMA['definitions'] as Record<string, { properties: { fact: { anyOf: unknown[] } } }>
  for (const { name, description, subjects } of FACTS)
    for (const kind of subjects)
      assert.ok(
        definitions[`leaf-${kind}`]?.properties.fact.anyOf.some(
          (one) => JSON.stringify(one) === JSON.stringify({ const: name, description }),
        ),
      )
})

test('every shipped rule fits the schema that is published', () => {
  const published = ruleJsonSchema({
    facts: REAL_FACTS,
    actions: ACTIONS.map(({ name }) => name),
    relations: Object.keys(RELATIONS),
  })
  const rules = new URL('../../rules/', import.meta.url)
  for (const file of readdirSync(rules))
    assert.deepEqual(schemaFaults(published, JSON.parse(readFileSync(new URL(file, rules), 'utf8'))), [], file)
})
