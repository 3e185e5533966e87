import * as z from 'zod'
import { CATEGORIES, SEVERITIES } from '../../engine/rule.ts'
import { MANAGING_TOOLS } from '../../facts/managed-by.ts'
import { STATES } from '../../findings/finding.ts'
import type { FindingView } from '../../sinks/envelope.ts'
import type { Changes, Published } from '../../sinks/published.ts'
import type { Status } from '../../sinks/status.ts'

// What is drawn is checked, so that no answer of another program, or of another version, ends in a stack trace. More than that may be there.

const time = z.iso.datetime({ offset: true })
const text = z.string().max(100_000)
const count = z.number()

const reference = z.looseObject({ kind: text, name: text, namespace: text.optional(), uid: text })
const target = z.looseObject({ apiVersion: text, kind: text, name: text, namespace: text.optional(), uid: text })
const subjects = z.looseObject({ count, sample: z.array(reference) })

const managedBy = z.looseObject({
  tool: z.enum(MANAGING_TOOLS),
  kind: text.optional(),
  name: text,
  namespace: text.optional(),
})

const plain = z.union([z.null(), z.boolean(), count, text])
const bounds = z.object({ atLeast: count.nullable().optional(), atMost: count.nullable().optional() })
const value = z.union([plain, z.array(plain), bounds])

const evidence = z.looseObject({
  fact: text,
  operator: text,
  params: z.record(z.string(), z.union([text, count])).optional(),
  expected: value.optional(),
  actual: value,
})

const gate = z.looseObject({ gate: text, answer: z.enum(['pass', 'ask', 'hold']), detail: text })

const recommendation = z.looseObject({
  id: text,
  action: text,
  object: target,
  tier: text,
  reversible: z.boolean(),
  effect: text,
  decision: z.looseObject({ verdict: z.enum(['act', 'ask', 'hold']), reason: text, gates: z.array(gate) }),
  planHash: text,
  patch: z
    .looseObject({ method: text, path: text, body: z.union([z.looseObject({}), z.array(z.unknown())]) })
    .nullable(),
})

const suppression = z.looseObject({ by: text, reason: text, until: time.nullable() })

const finding = z.looseObject({
  id: text,
  rule: z.looseObject({ id: text, version: text }),
  state: z.enum(STATES),
  severity: z.enum(SEVERITIES),
  category: z.enum(CATEGORIES),
  target,
  container: text.optional(),
  title: text,
  message: text,
  managedBy: managedBy.nullable(),
  subjects,
  evidence: z.array(evidence),
  causedBy: text.nullable(),
  suppressedBy: suppression.nullable(),
  since: time,
  firstSeen: time,
  lastSeen: time,
  resolvedAt: time.nullable(),
  firesAt: time.nullable(),
  runbook: text,
  recommendations: z.array(recommendation),
  refused: z.array(z.looseObject({ action: text, detail: text })),
})

const unread = z.looseObject({ resource: text, reason: text, detail: text })
const unknown = z.looseObject({ rule: text, reason: text, detail: text.optional(), subjects })

const published = z.looseObject({
  cluster: text,
  revision: text,
  generatedAt: time,
  complete: z.boolean(),
  incomplete: z.array(unread),
  scores: z.record(z.enum(CATEGORIES), count),
  unknown: z.array(unknown),
  items: z.array(finding),
  next: text.nullable(),
  restricted: z.looseObject({ namespaces: z.array(text) }).optional(),
})

const changes = published.extend({ tombstones: z.array(z.looseObject({ id: text })) })

const kind = z.looseObject({
  resource: text,
  namespace: text.nullable(),
  state: z.enum(['syncing', 'live', 'partial', 'stale', 'forbidden', 'failed', 'not-installed', 'left-out']),
  detail: text,
  objects: count,
  syncedAt: time.nullable(),
  heardAt: time.nullable(),
  continuousSince: time.nullable(),
  restarts: count,
  relists: count,
})

const place = z.looseObject({ file: text, line: count, column: count, message: text, kept: z.boolean() })

const status = z.looseObject({
  version: text,
  cluster: text,
  startedAt: time,
  now: time,
  mode: text,
  level: text,
  ready: z.looseObject({ synced: z.boolean(), fresh: z.boolean(), waitingFor: z.array(text) }),
  rules: z.looseObject({
    count,
    version: text,
    loadedAt: time,
    problems: z.array(place),
    disabled: z.array(z.looseObject({ rule: text, reason: text })),
    held: z.array(z.looseObject({ rule: text, version: text, matched: count, of: count })),
  }),
  kinds: z.array(kind),
  blind: z.array(z.looseObject({ resource: text, reason: text, detail: text })),
  counts: z.looseObject({ objects: count, evaluations: count, findings: z.record(z.string(), count) }),
  checkpoint: z.looseObject({ path: text.nullable(), savedAt: time.nullable(), problem: text.nullable() }),
})

/** Reads an answer; `undefined` for one that is something else. */
type Reader<T> = (json: unknown) => T | undefined

const reader =
  <T>(schema: z.ZodType): Reader<T> =>
  (json) => {
    const read = schema.safeParse(json)
    return read.success ? (read.data as T) : undefined
  }

export const readPublished: Reader<Published> = reader(published)
export const readChanges: Reader<Changes> = reader(changes)
export const readFinding: Reader<FindingView> = reader(finding)
export const readStatus: Reader<Status> = reader(status)

const refusal = z.looseObject({ error: z.looseObject({ code: text, message: text }) })

/** The code and the message of a refusal. */
export const readRefusal: Reader<{ error: { code: string; message: string } }> = reader(refusal)
