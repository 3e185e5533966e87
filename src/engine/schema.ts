import * as z from 'zod'
import { SUBJECT_KINDS } from '../facts/subject.ts'
import { parseDuration } from '../util/duration.ts'
import { OPERATOR_NAMES } from './operators.ts'
import { CATEGORIES, SEVERITIES } from './rule.ts'

const NAME = /^[a-z][a-zA-Z0-9-]{0,62}$/

export const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'a duration such as "90s", "15m", "1h30m" or "7d" is expected')
  .meta({ id: 'duration', description: 'A length of time: `90s`, `15m`, `1h30m`, `7d`.' })

const name = z.string().regex(NAME, 'a name is a lower-case letter, then letters, digits and dashes, at most 63')

const parameters = z
  .record(z.string(), z.union([z.string(), z.number()]))
  .meta({ description: 'The parameters of the fact; durations are written `15m`.' })

const factReference = z
  .strictObject({ fact: z.string(), params: parameters.optional() })
  .meta({ description: 'Compares with another fact of the same subject.' })

const thresholdReference = z
  .strictObject({ threshold: z.string() })
  .meta({ id: 'threshold', description: 'A number of `thresholds`, which the configuration may override.' })

const operand = z
  .union([z.number(), z.string(), z.boolean(), z.null(), z.array(z.string()).min(1), thresholdReference, factReference])
  .meta({ id: 'operand', description: 'What the fact is compared with.' })

const leaf = z
  .strictObject({
    fact: z.string().meta({ description: 'The fact that is asked.' }),
    params: parameters.optional(),
    operator: z.enum(OPERATOR_NAMES).meta({ description: 'How it is compared.' }),
    value: operand,
  })
  .meta({ id: 'leaf', description: 'One question: is the fact so?' })

const namedReference = z
  .strictObject({ condition: z.string().meta({ description: 'A name of `definitions`.' }) })
  .meta({ id: 'named', description: 'Conditions that are written out under `definitions`.' })

const children = z
  .array(z.lazy((): z.ZodType<RawCondition> => anyCondition))
  .min(1, 'an empty list would decide nothing')
const all = z.strictObject({ all: children }).meta({ id: 'all', description: 'True when every one of them is.' })
const any = z.strictObject({ any: children }).meta({ id: 'any', description: 'True when at least one of them is.' })
const not = z
  .strictObject({ not: z.lazy((): z.ZodType<RawCondition> => anyCondition) })
  .meta({ id: 'not', description: 'True when it is false; what is unknown stays unknown.' })

const conditions = z
  .union([all, any, not, namedReference, leaf.refine(() => false, 'a lone question goes into { "all": [ … ] }')])
  .meta({ id: 'conditions', description: 'json-rules-engine conditions: `all`, `any`, `not`, nested, over facts.' })
const anyCondition = z.union([all, any, not, namedReference, leaf]).meta({ id: 'condition' })

/** A condition as it stands in a file. */
export type RawCondition =
  | { all: RawCondition[] }
  | { any: RawCondition[] }
  | { not: RawCondition }
  | z.infer<typeof namedReference>
  | z.infer<typeof leaf>
export type RawLeaf = z.infer<typeof leaf>

export const globsSchema = z
  .array(z.string().min(1))
  .min(1)
  .meta({ description: 'Names of namespaces; `*` stands for any characters, `?` for one.' })

export const labelSelectorSchema = z
  .strictObject({
    matchLabels: z
      .record(z.string(), z.string())
      .refine((labels) => Object.keys(labels).length > 0, 'an empty map selects nothing here')
      .optional(),
    matchExpressions: z
      .array(
        z.strictObject({
          key: z.string().min(1),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(z.string()).min(1).optional(),
        }),
      )
      .min(1)
      .optional(),
  })
  .refine(
    (selector) => selector.matchLabels !== undefined || selector.matchExpressions !== undefined,
    'an empty selector selects nothing: leave it out, or say what it selects',
  )
  .meta({ id: 'labelSelector', description: "A Kubernetes label selector, on the object's own labels." })

const scope = z
  .strictObject({
    namespaces: globsSchema.optional(),
    labels: labelSelectorSchema.optional(),
    kinds: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: 'Kinds of objects, such as `Deployment` or `StatefulSet`.' }),
  })
  .refine((given) => Object.keys(given).length > 0, 'an empty scope selects nothing: leave it out')
  .meta({ description: 'Where the rule applies; without it, everywhere.' })

/** A duration, or one by the value of a fact. */
const holding = z.union([
  duration,
  z.strictObject({
    by: z.string().meta({ description: 'The fact that decides.' }),
    params: parameters.optional(),
    values: z.record(z.string(), duration).refine((map) => Object.keys(map).length > 0, 'at least one value is needed'),
    default: duration.meta({ description: 'For every other value, and while the fact is unknown.' }),
  }),
])
export type Holding = z.infer<typeof holding>

const exampleValue = z.union([
  z.number(),
  z.string(),
  z.boolean(),
  z.null(),
  z.array(z.string()),
  z.strictObject({ atLeast: z.number(), atMost: z.number().optional() }),
])
export type ExampleValue = z.infer<typeof exampleValue>

const example = z.record(z.string(), exampleValue).meta({
  id: 'example',
  description: 'Readings by fact, such as `"restartsIn(window=15m)": 4`. What is left out is unknown.',
})
export type Example = z.infer<typeof example>

const subjectKind = z.enum(SUBJECT_KINDS)

/** A rule file. */
export const ruleSchema = z
  .strictObject({
    $schema: z.string().optional(),
    id: name.meta({ description: 'The name of the rule; part of the identity of its findings.' }),
    subject: z
      .union([subjectKind, z.array(subjectKind).min(1)])
      .meta({ description: 'What the rule is evaluated on. Facts must be there for every kind that is named.' }),
    severity: z.enum(SEVERITIES),
    category: z.enum(CATEGORIES),
    title: z
      .string()
      .min(1)
      .meta({ description: 'One line, with {container} {target} {subject} {namespace} {name} and {facts}.' }),
    scope: scope.optional(),
    thresholds: z
      .record(name, z.number())
      .optional()
      .meta({ description: 'Named numbers that the configuration may override.' }),
    definitions: z.record(name, conditions).optional().meta({ description: 'Named conditions.' }),
    conditions,
    for: holding.default('0s').meta({ description: 'How long the conditions must hold before the finding fires.' }),
    forAtLeast: duration
      .optional()
      .meta({ description: 'The least that an override may ask of `for`, where less would be reckless.' }),
    resolveAfter: duration.default('5m').meta({ description: 'How long they must not hold before it is resolved.' }),
    flicker: duration
      .default('60s')
      .meta({ description: 'Shorter spells of false or unknown do not reset the clock.' }),
    inhibits: z
      .array(z.strictObject({ rule: z.string(), via: z.string() }))
      .default([])
      .meta({ description: 'Findings of other rules that a finding of this one explains, and over which relation.' }),
    explain: z.string().min(1).meta({ description: 'What is seen, with the values: {restartsIn(window=15m)}.' }),
    recommend: z.array(z.string()).default([]).meta({ description: 'Actions, in the order they are proposed.' }),
    runbook: z.string().min(1).meta({ description: 'The page for whoever is on call.' }),
    examples: z
      .strictObject({
        fires: z.array(example).min(1),
        quiet: z.array(example).min(1),
        unknown: z.array(example),
      })
      .meta({ description: 'Readings and what the rule says to them; checked whenever the rule is loaded.' }),
  })
  .meta({ id: 'rule', description: 'A dogwatch rule.' })

export type RawRule = z.infer<typeof ruleSchema>
