import { STATES, type State } from './pods.ts'
import type { Form } from './template.ts'

/** One object, as it was at some time. */
export interface Slot {
  readonly index: number
  /** How often its place was taken by another before: pods come and go. */
  readonly life: number
  /** Of a pod, its place in `STATES`. */
  readonly state: number
  readonly rv: number
  /** Milliseconds since 1970. */
  readonly born: number
  readonly since: number
}

/** A kind of object that the server has. */
export interface LoadKind {
  /** `plural.group` */
  readonly resource: string
  readonly apiVersion: string
  readonly kind: string
  readonly count: number
  /** Where an object is; `undefined` for a kind that is in no namespace. */
  readonly namespaceOf: ((index: number) => string) | undefined
  readonly render: (slot: Slot, form: Form) => string
}

/** A place that nobody has at present. */
export const ABSENT = 255
export const stateOf = (state: State): number => STATES.indexOf(state)

const SECOND = 1000
const RFC3339 = 19
let last = { at: Number.NaN, text: '' }

/** RFC 3339. The last one is kept: objects that change together say the same time. */
export function timeText(at: number): string {
  const whole = Math.floor(at / SECOND) * SECOND
  if (last.at !== whole) last = { at: whole, text: `${new Date(whole).toISOString().slice(0, RFC3339)}Z` }
  return last.text
}

/** What every object says of itself. */
export const stamp = ({ rv, born, since }: Slot): Record<string, string | number> => ({
  rv,
  born: timeText(born),
  since: timeText(since),
})
