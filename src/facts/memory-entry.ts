import * as z from 'zod'
import type { Terminated } from '../cluster/projection/pod.ts'
import type { Run } from './container-history.ts'
import type { DayState } from './usage-days.ts'
import type { RunDayState } from './usage-runs.ts'

/** One thing that is remembered, as plain JSON; whoever keeps it looks neither at the key nor at the value. */
export interface MemoryEntry {
  readonly section: string
  readonly key: string
  readonly value: unknown
}

const time = z.number().nonnegative()
const amount = z.number().nonnegative()

const text = (value: unknown): boolean => value === undefined || typeof value === 'string'
const number = (value: unknown): boolean => value === undefined || typeof value === 'number'
const ended = z.custom<Terminated>((value: unknown) => {
  if (typeof value !== 'object' || value === null) return false
  const { exitCode, signal, reason, message }: Record<string, unknown> = { ...value }
  return number(exitCode) && number(signal) && text(reason) && message === undefined
})

const run = z
  .object({
    number: z.number().int().nonnegative(),
    startedAt: time.optional(),
    finishedAt: time.optional(),
    ended: ended.optional(),
    seen: z.object({ first: time, last: time }).optional(),
  })
  .transform((one): Run => ({ ...one, startedAt: one.startedAt, finishedAt: one.finishedAt, ended: one.ended }))

const flips = z.object({ since: time, changes: z.array(z.object({ at: time, status: z.string() })) })

// There are tens of thousands of these lists, each read whole at the start.
const areAmounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number' && one >= 0 && one < Infinity)
const amounts = z.custom<number[]>(areAmounts)
const day = z.custom<DayState>((value: unknown) => areAmounts(value) && value.length === 5)

const usage = z.object({
  version: z.string(),
  podMadeAt: time,
  reset: z.boolean(),
  first: time,
  last: time,
  highest: amount,
  between: amount,
  pods: amounts,
  histogram: z.tuple([time, amounts, amounts]),
  days: z.array(day),
  before: z.tuple([time, amount, amount]).optional(),
})

const runDay = z.custom<RunDayState>((value: unknown) => areAmounts(value) && value.length === 6)
const openRun = z.object({
  job: z.string(),
  from: time,
  last: time,
  unseen: amount,
  samples: amount,
  cpuMax: amount,
  memoryPeak: amount,
})
const runsOfJobs = z.object({
  version: z.string(),
  podMadeAt: time,
  reset: z.boolean(),
  since: time,
  last: time,
  open: z.array(openRun),
  days: z.array(runDay),
})

const owner = z.object({
  uid: z.string(),
  container: z.string(),
  kills: z.array(
    z.object({ at: time, limitBytes: amount.optional() }).transform(({ at, limitBytes }) => ({ at, limitBytes })),
  ),
  usage: usage.optional(),
  runs: runsOfJobs.optional(),
})

/** What each section holds; its number is raised when the meaning of its fields changes, so that older ones are left out. */
export const RUNS = { section: 'runs/1', schema: z.array(run) } as const
/** How many of them there were, when they told of every container. */
export const WHOLE = { section: 'runs-whole/1', schema: amount } as const
export const FLIPS = { section: 'flips/1', schema: flips } as const
export const OWNERS = { section: 'owners/1', schema: owner } as const
