import type { AnyObject } from './kinds.ts'

/** Whether two versions of an object differ in nothing that a fact reads: every write moves the version, and its manager's time with it. */
export const isSame = (a: AnyObject, b: AnyObject): boolean =>
  isEqual(a, b, ['metadata']) && areCalledAlike(a.metadata, b.metadata)

/** Whether two versions of an object are called, marked and owned alike, and their fields were last written by the same. */
export const areCalledAlike = (a: Metadata, b: Metadata): boolean =>
  isEqual(a, b, ['resourceVersion', 'managedFields']) && wereWrittenAlike(a.managedFields, b.managedFields)

type Metadata = AnyObject['metadata']
type Written = Metadata['managedFields']

const wereWrittenAlike = (a: Written = [], b: Written = []): boolean =>
  a === b || (a.length === b.length && a.every((field, at) => isEqual(field, b[at], ['time'])))

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function isEqual(a: unknown, b: unknown, except: readonly string[] = []): boolean {
  if (a === b) return true
  if (!isRecord(a) || !isRecord(b)) return false
  const keys = keysBut(a, except)
  return (
    keys.length === keysBut(b, except).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
  )
}

const keysBut = (record: object, except: readonly string[]): readonly string[] => {
  const keys = Object.keys(record)
  return except.length === 0 ? keys : keys.filter((key) => !except.includes(key))
}
