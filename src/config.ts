import * as z from 'zod'
import { overrideSchema } from './engine/overrides.ts'
import { suppressionSchema } from './findings/suppress.ts'
import { policySchema } from './policy/config.ts'
import { describeIssues, schemaKeys } from './util/issues.ts'
import { parseJson, type JsonDocument, type Path, type Position } from './util/json.ts'

const capability = z
  .strictObject({
    action: z.string().min(1).describe('The action that is possible.'),
    namespaces: z.array(z.string().min(1)).describe('Namespaces, or globs over them; "*" stands for all.'),
  })
  .meta({ id: 'Capability', description: 'One family of actions whose role and admission policy are installed.' })

/** The whole configuration. Every default is here, or in the schema of the room that it belongs to. */
export const configSchema = z
  .strictObject({
    $schema: z.string().optional().describe('The address of this schema, for editors.'),
    cluster: z
      .string()
      .min(1)
      .optional()
      .describe('What the cluster is called in the ids of findings; the uid of kube-system when left out.'),
    policy: policySchema.prefault({}),
    capabilities: z
      .array(capability)
      .default([])
      .describe('What is installed beyond reading. A default install has none.'),
    overrides: z.array(overrideSchema).default([]).describe('Changes to rules, in a scope. Later entries win.'),
    suppressions: z.array(suppressionSchema).default([]).describe('Findings that are not to be shown, and why.'),
  })
  .meta({ title: 'dogwatch configuration', description: 'One JSON document. Unknown keys are refused.' })

export type Config = z.infer<typeof configSchema>

/** Something wrong with a configuration: what, and where. */
export interface ConfigProblem extends Position {
  readonly file: string
  readonly message: string
}

/** A configuration as it was read, with where each part of it stands. */
export interface ReadConfig {
  readonly config: Config
  readonly place: (path: Path) => Position
}

const LIMITS = { text: 2 ** 20, depth: 16, string: 4096, list: 1000 }

/** The published JSON Schema of the configuration. */
export const configJsonSchema = (): object => z.toJSONSchema(configSchema, { io: 'input' })

/** The configuration of somebody who gave none. */
export const defaultConfig = (): ReadConfig => ({
  config: configSchema.parse({}),
  place: () => ({ line: 1, column: 1 }),
})

/** Reads a configuration; every fault at once, each with its place and, for a misspelt key, the nearest right one. */
export function readConfig(file: string, text: string): ReadConfig | { readonly problems: readonly ConfigProblem[] } {
  const document = parseJson(text, LIMITS)
  if ('faults' in document) return { problems: document.faults.map((fault) => ({ file, ...fault })) }
  const parsed = configSchema.safeParse(document.value)
  if (parsed.success) return { config: parsed.data, place: (path) => document.at(path) }
  const issues = describeIssues(parsed.error.issues, schemaKeys(configJsonSchema()), document.value)
  const problems = issues.map(({ path, key, message }) => ({ file, message, ...placeOf(document, path, key) }))
  return { problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) }
}

const placeOf = (document: JsonDocument, path: Path, key: boolean): Position =>
  key ? document.atKey(path) : document.at(path)
