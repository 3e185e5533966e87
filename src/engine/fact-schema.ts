import type { Fact, FactType, Parameter } from '../facts/fact.ts'
import { OPERATORS, operatorsFor, type OperandShape, type OperatorName } from './operators.ts'

export interface JsonSchema {
  [keyword: string]: unknown
}

export type Definitions = Record<string, JsonSchema>

export const refer = (name: string): JsonSchema => ({ $ref: `#/definitions/${name}` })

const KEYWORDS = ['if', 'then'] as const

/** `if` … `then` …, spelt by position: an object that is written with a `then` could be taken for a promise. */
export function when(condition: JsonSchema, consequence: JsonSchema): JsonSchema {
  const [given, follows] = KEYWORDS
  return { [given]: condition, [follows]: consequence }
}

/** What a leaf may ask of a fact. */
type Asked = Pick<Fact, 'type' | 'nullable' | 'values' | 'parameters'>

/** Whether a fact is asked like every other of its type: it has no parameters and no closed list of words. */
export const isPlain = ({ parameters, values }: Fact): boolean => parameters === undefined && values === undefined

/** The definition for plain facts of a type. */
export const plainName = ({ type, nullable }: Asked): string => `plain-${type}${nullable ? '-or-null' : ''}`

export function plainSchemas(): Definitions {
  const types: readonly FactType[] = ['number', 'string', 'boolean', 'strings']
  const asked = types.flatMap((type): Asked[] => [{ type }, { type, nullable: true }])
  return Object.fromEntries(asked.map((one) => [plainName(one), factSchema(one)]))
}

/** The parameters of a fact, the operators that fit it and the values they take. */
export function factSchema(fact: Asked): JsonSchema {
  const { parameters = {} } = fact
  const needed = Object.entries(parameters).filter(([, { default: given }]) => given === undefined)
  const params = {
    properties: Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, parameterSchema(one)])),
    ...(needed.length === 0 ? {} : { required: needed.map(([name]) => name) }),
    additionalProperties: false,
  }
  const operators = operatorsFor(fact.type)
  return {
    properties: { params, operator: { anyOf: operators.map(describe) } },
    ...(needed.length === 0 ? {} : { required: ['params'] }),
    allOf: groupByOperand(operators, fact).map(([names, value]) =>
      when({ properties: { operator: { enum: names } }, required: ['operator'] }, { properties: { value } }),
    ),
  }
}

const describe = (name: OperatorName): JsonSchema => ({
  const: name,
  description: `The fact ${OPERATORS[name].description} …`,
})

const parameterSchema = ({ type, description, default: given }: Parameter): JsonSchema => ({
  ...(type === 'duration' ? { allOf: [refer('duration')] } : { type: type === 'number' ? ['number', 'string'] : type }),
  description,
  ...(given === undefined ? {} : { default: given }),
})

/** The operators that take the same values, and those values. */
function groupByOperand(operators: readonly OperatorName[], asked: Asked): [OperatorName[], JsonSchema][] {
  const groups = new Map<string, [OperatorName[], JsonSchema]>()
  for (const name of operators) {
    const { operand, falseOfNull } = OPERATORS[name]
    const takesNull = asked.nullable === true && operand === 'same' && falseOfNull !== true
    const key = `${operand} ${takesNull}`
    const group = groups.get(key) ?? [[], valueSchema(asked, operand, takesNull)]
    group[0].push(name)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function valueSchema({ type, values }: Asked, operand: OperandShape, takesNull: boolean): JsonSchema {
  if (operand === 'true') return { const: true }
  const word: JsonSchema = values === undefined ? { type: 'string' } : { enum: values }
  const literals: Record<Exclude<OperandShape, 'true'>, JsonSchema> = {
    same: type === 'string' ? word : { type },
    member: word,
    several: { type: 'array', minItems: 1, items: word },
  }
  return {
    anyOf: [
      literals[operand],
      ...(takesNull ? [{ type: 'null', description: 'The API says that there is none.' }] : []),
      ...(type === 'number' ? [refer('threshold')] : []),
      refer('other-fact'),
    ],
  }
}
