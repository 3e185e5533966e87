import * as z from 'zod'
import type { Fact } from '../facts/fact.ts'
import { SUBJECT_KINDS, type SubjectKind } from '../facts/subject.ts'
import { groupBy } from '../util/order.ts'
import {
  factSchema,
  isPlain,
  plainName,
  plainSchemas,
  refer,
  when,
  type Definitions,
  type JsonSchema,
} from './fact-schema.ts'
import { ruleSchema } from './schema.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * The published JSON Schema of a rule file: an editor completes the facts of the chosen subject, their parameters, the operators that
 * fit them and the words they may say. It is as strict as JSON Schema can be; the loader is stricter.
 */
export function ruleJsonSchema({ facts, actions, relations }: Vocabulary): JsonSchema {
  const { definitions: shared, properties, ...rule } = baseSchema()
  const kinds = SUBJECT_KINDS.map((kind) => ({ kind, own: facts.filter(({ subjects }) => subjects.includes(kind)) }))
  const definitions: Definitions = {
    ...shared,
    'other-fact': otherFact(facts),
    ...plainSchemas(),
    ...Object.fromEntries(
      facts.filter((fact) => !isPlain(fact)).map((fact) => [definitionOf(fact, facts), factSchema(fact)]),
    ),
    ...Object.fromEntries(kinds.flatMap(({ kind, own }) => Object.entries(kindSchemas(kind, own, facts)))),
  }
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'https://dogwatch.io/schema/rule-v1.json',
    title: 'dogwatch rule',
    ...rule,
    properties: {
      ...properties,
      conditions: {
        description: 'json-rules-engine conditions: `all`, `any`, `not`, nested, over the facts of the subject.',
      },
      definitions: { description: 'Named conditions, used as `{ "condition": "name" }`.', type: 'object' },
      recommend: { ...properties['recommend'], items: { enum: actions } },
      inhibits: { ...properties['inhibits'], items: inhibitsSchema(relations) },
    },
    allOf: kinds.map(({ kind }) => whenSubjectIs(kind)),
  }
  return { ...schema, definitions: onlyReached(schema, definitions) }
}

interface Base extends JsonSchema {
  readonly definitions: Definitions
  readonly properties: Definitions
}

/** What zod makes of a rule: everything but what depends on the facts. */
function baseSchema(): Base {
  const made: JsonSchema = z.toJSONSchema(ruleSchema, { target: 'draft-7', io: 'input' })
  const { rule, ...shared } = made['definitions'] as Definitions
  return { ...rule, properties: rule?.['properties'] as Definitions, definitions: shared }
}

const inhibitsSchema = (relations: readonly string[]): JsonSchema => ({
  type: 'object',
  properties: {
    rule: { type: 'string', description: 'The rule whose findings are explained.' },
    via: { enum: relations, description: 'How its subject and ours belong together.' },
  },
  required: ['rule', 'via'],
  additionalProperties: false,
})

const whenSubjectIs = (kind: SubjectKind): JsonSchema =>
  when(
    {
      properties: { subject: { anyOf: [{ const: kind }, { type: 'array', contains: { const: kind } }] } },
      required: ['subject'],
    },
    {
      properties: {
        conditions: refer(`conditions-${kind}`),
        definitions: { additionalProperties: refer(`conditions-${kind}`) },
        examples: { additionalProperties: { items: refer(`example-${kind}`) } },
      },
    },
  )

function kindSchemas(kind: SubjectKind, own: readonly Fact[], facts: readonly Fact[]): Definitions {
  const child = refer(`condition-${kind}`)
  const children = { type: 'array', minItems: 1, items: child }
  const group = (key: string, schema: JsonSchema, description: string): JsonSchema => ({
    type: 'object',
    description,
    properties: { [key]: schema },
    required: [key],
    additionalProperties: false,
  })
  const groups = [
    group('all', children, 'True when every one of them is.'),
    group('any', children, 'True when at least one of them is.'),
    group('not', child, 'True when it is false; what is unknown stays unknown.'),
    refer('named'),
  ]
  return {
    [`conditions-${kind}`]: { anyOf: groups },
    [`condition-${kind}`]: { anyOf: [refer(`leaf-${kind}`), ...groups] },
    [`leaf-${kind}`]: leafSchema(own, facts),
    [`example-${kind}`]: {
      properties: Object.fromEntries(
        own.filter(({ parameters }) => parameters === undefined).map(({ name }) => [name, {}]),
      ),
    },
  }
}

const leafSchema = (own: readonly Fact[], facts: readonly Fact[]): JsonSchema => ({
  type: 'object',
  description: 'One question: is the fact so?',
  properties: {
    fact:
      own.length === 0 ? { not: {} } : { anyOf: own.map(({ name, description }) => ({ const: name, description })) },
    params: { type: 'object' },
    operator: { type: 'string' },
    value: {},
  },
  required: ['fact', 'operator', 'value'],
  additionalProperties: false,
  allOf: [...groupBy(own, (fact) => definitionOf(fact, facts))].map(([definition, alike]) =>
    when({ properties: { fact: { enum: alike.map(({ name }) => name) } }, required: ['fact'] }, refer(definition)),
  ),
})

/** Facts of several kinds of subject may share a name; most do not, and many are asked alike. */
function definitionOf(fact: Fact, facts: readonly Fact[]): string {
  if (isPlain(fact)) return plainName(fact)
  const alone = facts.every((other) => other === fact || other.name !== fact.name)
  return alone ? `fact-${fact.name}` : `fact-${fact.name}-${fact.subjects.join('-')}`
}

const otherFact = (facts: readonly Fact[]): JsonSchema => ({
  type: 'object',
  description: 'Compares with another fact of the same subject.',
  properties: { fact: { enum: [...new Set(facts.map(({ name }) => name))] }, params: { type: 'object' } },
  required: ['fact'],
  additionalProperties: false,
})

/** The definitions that something refers to, in the order of their names. */
function onlyReached(schema: JsonSchema, definitions: Definitions): Definitions {
  const reached = new Set<string>()
  const open: unknown[] = [schema]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (typeof part !== 'object' || part === null) continue
    for (const [key, value] of Object.entries(part)) {
      const name = key === '$ref' && typeof value === 'string' ? value.slice('#/definitions/'.length) : undefined
      if (name === undefined) open.push(value)
      else if (!reached.has(name)) {
        reached.add(name)
        open.push(definitions[name])
      }
    }
  }
  return Object.fromEntries([...reached].toSorted().map((name) => [name, definitions[name] ?? {}]))
}
