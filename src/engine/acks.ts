import * as z from 'zod'
import { describeIssues, schemaKeys } from '../util/issues.ts'
import { parseJson } from '../util/json.ts'
import { baseName, LIMITS, type Problem, type RuleText } from './rule-file.ts'

const ack = z
  .strictObject({
    rule: z.string().min(1).max(100).describe('The id of the rule.'),
    version: z
      .string()
      .regex(
        /^sha256:[0-9a-f]{64}$/,
        'not a whole version: sha256: and 64 hexadecimal digits, as `rules show` prints it',
      )
      .describe('The version that was looked at. Another one has to be looked at again.'),
    reason: z.string().trim().min(1).max(500).describe('Why it may match as much as it does.'),
    by: z.string().min(1).max(200).optional().describe('Who says so.'),
    at: z.iso.datetime({ offset: true }).optional().describe('When, as RFC 3339.'),
  })
  .meta({ id: 'Ack', description: 'A rule that somebody has looked at, though it matches much.' })
const schema = z.array(ack).max(1000)

/** Somebody's word that a version of a rule may match as much as it does. */
export type Ack = z.infer<typeof ack>

/** How the file of acknowledgements in a rule directory is called. */
export const ACKS_FILE = 'acks.json'

/** Whether a file holds acknowledgements, not a rule. */
export const isAcksFile = ({ file }: { readonly file: string }): boolean => baseName(file) === ACKS_FILE

/** Reads a file of acknowledgements: all of it, or what is wrong with it. */
export function readAcks({ file, text }: RuleText): { acks: readonly Ack[] } | { problems: readonly Problem[] } {
  const document = parseJson(text, LIMITS)
  if ('faults' in document) return { problems: document.faults.map((fault) => ({ file, ...fault })) }
  const read = schema.safeParse(document.value)
  if (read.success) return { acks: read.data }
  const keys = schemaKeys(z.toJSONSchema(schema, { io: 'input' }))
  const issues = describeIssues(read.error.issues, keys, document.value)
  return {
    problems: issues.map(({ path, key, message }) => ({
      file,
      ...(key ? document.atKey(path) : document.at(path)),
      message,
    })),
  }
}

/** The text of a file of acknowledgements. */
export const writeAcks = (acks: readonly Ack[]): string => `${JSON.stringify(acks, null, 2)}\n`
