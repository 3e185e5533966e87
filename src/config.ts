import * as z from 'zod'
import { overrideSchema } from './engine/overrides.ts'
import { suppressionSchema } from './findings/suppress.ts'
import { policySchema } from './policy/config.ts'
import { parseDuration } from './util/duration.ts'
import { describeIssues, schemaKeys } from './util/issues.ts'
import { parseJson, type JsonDocument, type Path, type Position } from './util/json.ts'

const capability = z
  .strictObject({
    action: z.string().min(1).describe('The action that is possible.'),
    namespaces: z.array(z.string().min(1)).describe('Namespaces, or globs over them; "*" stands for all.'),
  })
  .meta({ id: 'Capability', description: 'One family of actions whose role and admission policy are installed.' })

const fileName = z.string().min(1)
const duration = z.string().refine((text) => parseDuration(text) !== undefined, 'not a duration such as "30s" or "1h"')

const rulesSchema = z
  .strictObject({
    directories: z
      .array(fileName)
      .default([])
      .describe('Directories of rule files beside the shipped ones; read again when they change.'),
  })
  .meta({ id: 'Rules', description: 'Where rules of your own are.' })

const watchSchema = z
  .strictObject({
    namespaces: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The namespaces to watch; all of them when left out.'),
  })
  .meta({ id: 'Watch', description: 'What the daemon watches.' })

const tlsSchema = z
  .strictObject({
    certificate: fileName.describe('A file with the certificate and its chain, PEM; read again when it changes.'),
    key: fileName.describe('A file with its private key, PEM.'),
  })
  .meta({
    id: 'Tls',
    description: 'The certificate that the API shows. Off loopback one is made for this run when left out.',
  })

const serverSchema = z
  .strictObject({
    listen: z
      .string()
      .regex(/^(?:\[[0-9a-fA-F:]+\]|[^:[\]\s]+):\d{1,5}$/, 'not HOST:PORT')
      .default('127.0.0.1:8686')
      .describe('HOST:PORT. Off loopback the API asks for TLS and a token.'),
    hosts: z
      .array(z.string().min(1))
      .default([])
      .describe('Names under which the API may be asked for, beside the address it listens on.'),
    tls: tlsSchema.optional(),
    openReads: z
      .boolean()
      .default(false)
      .describe('Whether anybody who reaches the API off loopback may read, without a token.'),
  })
  .meta({ id: 'Server', description: 'The HTTP API of the daemon.' })

const checkpointSchema = z
  .strictObject({
    path: fileName
      .optional()
      .describe(
        'A file for what is remembered over a restart; FILE.recent beside it is part of it. Without it a restart forgets.',
      ),
    every: duration
      .default('1m')
      .describe('How often all of it is written; what began or ceased to fire is written within seconds.'),
  })
  .meta({ id: 'Checkpoint', description: 'What outlives a restart: histories, usage, the clocks of findings.' })

const prometheusSchema = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).describe('Its address; PromQL is asked below it at /api/v1/query.'),
    window: duration.default('14d').describe('How far back it is asked.'),
    every: duration.default('6h').describe('How often it is asked.'),
    bearerTokenFile: fileName.optional().describe('A file with a token to send along.'),
  })
  .meta({ id: 'Prometheus', description: 'A Prometheus with cAdvisor metrics: usage of the days before, at once.' })

const usageSchema = z
  .strictObject({ prometheus: prometheusSchema.optional() })
  .meta({ id: 'Usage', description: 'Where the use of CPU and memory is learnt, beside metrics.k8s.io.' })

const logSchema = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('The least grave lines that are written.'),
  })
  .meta({ id: 'Log', description: 'What the daemon writes to its standard error, one JSON object a line.' })

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
    rules: rulesSchema.prefault({}),
    watch: watchSchema.prefault({}),
    server: serverSchema.prefault({}),
    checkpoint: checkpointSchema.prefault({}),
    usage: usageSchema.prefault({}),
    log: logSchema.prefault({}),
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
