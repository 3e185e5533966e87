import { jsonOf, type Json, type KubeObject } from './object.ts'
import { badRequest } from './status.ts'

export type Selects = (object: KubeObject) => boolean

const everything: Selects = () => true

interface Requirement {
  readonly key: string
  readonly holds: (value: string | undefined) => boolean
}

const NAME = String.raw`[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?`
const SET = new RegExp(String.raw`^(${NAME})\s+(in|notin)\s*\(([^()]*)\)$`)
const EQUAL = new RegExp(String.raw`^(${NAME})\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)$`)
const THERE = new RegExp(`^(!?)\\s*(${NAME})$`)

/**
 * What a `labelSelector` selects: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas.
 * @throws Refusal 400
 */
export function labelSelector(text = ''): Selects {
  const requirements = splitOutside(text).map(requirementOf)
  if (requirements.length === 0) return everything
  return ({ metadata }) => {
    const labels = metadata.labels ?? {}
    return requirements.every(({ key, holds }) => holds(Object.hasOwn(labels, key) ? labels[key] : undefined))
  }
}

// The commas within parentheses part values.
const splitOutside = (text: string): string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

function requirementOf(text: string): Requirement {
  const set = SET.exec(text)
  if (set) {
    const values = new Set((set[4] ?? '').split(',').map((value) => value.trim()))
    const wanted = set[3] === 'in'
    return { key: set[1] ?? '', holds: (value) => (value === undefined ? !wanted : values.has(value) === wanted) }
  }
  const equal = EQUAL.exec(text)
  if (equal) {
    const wanted = equal[3] !== '!='
    return { key: equal[1] ?? '', holds: (value) => (value === equal[4]) === wanted }
  }
  const there = THERE.exec(text)
  if (!there) throw badRequest(`unable to parse requirement: found '${text}'`)
  return { key: there[2] ?? '', holds: (value) => (value === undefined) === (there[1] === '!') }
}

const ALWAYS = new Set(['metadata.name', 'metadata.namespace'])
/** What can be selected by beside the name, and the value of what an object does not say. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Pod: {
    'spec.nodeName': '',
    'spec.restartPolicy': '',
    'spec.schedulerName': '',
    'spec.serviceAccountName': '',
    'spec.hostNetwork': 'false',
    'status.phase': '',
    'status.podIP': '',
    'status.nominatedNodeName': '',
  },
  Event: {
    'involvedObject.kind': '',
    'involvedObject.namespace': '',
    'involvedObject.name': '',
    'involvedObject.uid': '',
    'involvedObject.apiVersion': '',
    'involvedObject.resourceVersion': '',
    'involvedObject.fieldPath': '',
    reason: '',
    reportingComponent: '',
    source: '',
    type: '',
  },
  Namespace: { 'status.phase': '' },
  Node: { 'spec.unschedulable': 'false' },
  Secret: { type: '' },
  Job: { 'status.successful': '' },
  ReplicaSet: { 'status.replicas': '' },
}

/**
 * What a `fieldSelector` selects: `a.b=c` and `a.b!=c`, joined by commas.
 * @throws Refusal 400 for a field that the kind cannot be selected by.
 */
export function fieldSelector(type: { readonly kind: string; readonly apiVersion: string }, text = ''): Selects {
  const tests = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => fieldTest(type, part))
  return tests.length === 0 ? everything : (object) => tests.every((holds) => holds(object))
}

function fieldTest({ kind }: { readonly kind: string }, text: string): Selects {
  const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(text)
  if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`)
  const [, field = '', operator, value = ''] = match
  const missing = ALWAYS.has(field) ? '' : FIELDS[kind]?.[field]
  if (missing === undefined) throw badRequest(unknownField(kind, field))
  const path = field.split('.')
  return (object) => ((valueAt(object, path) || missing) === value) === (operator !== '!=')
}

const unknownField = (kind: string, field: string): string =>
  kind in FIELDS
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`

function valueAt(object: Json, path: readonly string[]): string {
  let value: unknown = object
  for (const part of path) value = jsonOf(value)[part]
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? String(value) : ''
}
