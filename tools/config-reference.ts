import { configJsonSchema } from '../src/config.ts'
import { code, page, table } from './markdown.ts'

/** As much of JSON Schema as ours uses. */
interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

const nameOf = ({ $ref = '' }: Schema): string => $ref.replace('#/$defs/', '')
const link = (name: string): string => `[${name}](#${name.toLowerCase()})`

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return link(nameOf(schema))
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.enum) return schema.enum.map((word) => code(String(word))).join(', ')
  return schema.type ?? 'any'
}

const defaultOf = ({ default: value }: Schema, needed: boolean): string =>
  needed ? 'needed' : value === undefined || JSON.stringify(value) === '{}' ? '' : code(JSON.stringify(value))

// Required in what is read means: has a default, or must be given.
const keysOf = ({ properties = {}, required = [] }: Schema): string =>
  table(
    ['key', 'type', 'default', 'what it says'],
    Object.entries(properties)
      .filter(([key]) => key !== '$schema')
      .map(([key, schema]) => [
        code(key),
        typeOf(schema),
        defaultOf(schema, required.includes(key)),
        schema.description ?? '',
      ]),
  )

/** `docs/config.md`: every key of the configuration. */
export function configReference(): string {
  const schema: Schema = configJsonSchema()
  const sections = Object.entries(schema.$defs ?? {})
    .filter(([, { properties }]) => properties)
    .map(([name, part]) => `## ${name}\n\n${part.description ?? ''}\n\n${keysOf(part)}`)
  return page('Configuration', [
    'One JSON document, given with `--config FILE`. Unknown keys are refused, with the place and the nearest right one. Editors complete it with [schema/config-v1.json](../schema/config-v1.json). Options of the command line go before it.',
    keysOf(schema),
    ...sections,
  ])
}
