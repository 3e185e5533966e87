import { EVENT, type SimulatedKind } from './kinds.ts'
import { textOf, type Draft, type Json, type TypeName } from './object.ts'
import { badRequest, invalid } from './status.ts'

/** Names of the fields of an event in the older API, by those of the newer one. */
const OLDER: Readonly<Record<string, string>> = {
  note: 'message',
  regarding: 'involvedObject',
  reportingController: 'reportingComponent',
  deprecatedSource: 'source',
  deprecatedFirstTimestamp: 'firstTimestamp',
  deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count',
}
const NEWER = Object.fromEntries(Object.entries(OLDER).map(([newer, older]) => [older, newer]))
const REQUIRED = ['reportingController', 'reportingInstance', 'action']
const MICRO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/
const TEMPLATE = '2006-01-02T15:04:05.000000Z07:00'

const renamed = (object: Draft, names: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(object).map(([field, value]) => [
      Object.hasOwn(names, field) ? (names[field] ?? field) : field,
      value,
    ]),
  )

/** The type that objects of a kind are stored as: an event is one object, whichever API it is asked for through. */
export const storedAs = (kind: SimulatedKind): TypeName => (isNewer(kind) ? EVENT : kind)

const isNewer = ({ kind, apiVersion }: TypeName): boolean => kind === EVENT.kind && apiVersion !== EVENT.apiVersion

/** An object as a kind shows it. */
export const shownAs = (kind: SimulatedKind, object: Draft): Draft =>
  isNewer(kind)
    ? { ...renamed(object, NEWER), apiVersion: kind.apiVersion, kind: kind.kind, metadata: object.metadata }
    : object

/**
 * An object of a kind as it is stored.
 * @throws Refusal 400, 422 for an event of the newer API that says too little.
 */
export function toStored(kind: SimulatedKind, draft: Draft): Draft {
  if (!isNewer(kind)) return draft
  const time = textOf(draft['eventTime'])
  if (time !== undefined && !MICRO.test(time))
    throw badRequest(
      `Event in version "v1" cannot be handled as a Event: parsing time ${JSON.stringify(time)} as ${JSON.stringify(TEMPLATE)}: cannot parse ${JSON.stringify(time.slice(19))} as ".000000"`,
    )
  const missing = [...(time === undefined ? ['eventTime'] : []), ...REQUIRED.filter((field) => !textOf(draft[field]))]
  if (missing.length > 0)
    throw invalid(
      `Event ${JSON.stringify(draft.metadata['name'])}`,
      missing.map((field) => ({ reason: 'FieldValueRequired', message: 'Required value', field })),
    )
  const older = { source: {}, firstTimestamp: null, lastTimestamp: null, ...renamed(draft, OLDER) }
  return { ...older, ...EVENT, metadata: draft.metadata }
}
