import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { pod } from '../../../src/cluster/projection/pod.ts'
import { textOf } from '../../../src/cluster/watch/managed-fields.ts'

const TRAPS = [
  '"managedFields":[{"}]',
  '"ownerReferences":[{"controller":true}],"managedFields":[',
  '\\"managedFields":[',
  'managedFields',
  'ownerReferences',
  '\\',
  '"',
  ']',
]

// Words that look like what is looked for stand in keys, in values, and behind backslashes.
const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...TRAPS))
const words = fc.dictionary(word, word, { maxKeys: 3 })
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, word, fc.boolean(), fc.array(tie('value'), { maxLength: 3 }), words),
}))
const managed = fc.record({
  manager: fc.constantFrom('kubelet', 'helm'),
  operation: fc.constant('Update'),
  fieldsV1: fc.dictionary(word, value, { maxKeys: 3 }),
})
const owner = fc.record({ kind: word, name: word, uid: word }, { requiredKeys: [] })

const frame = fc
  .record({
    kind: fc.constantFrom('Pod', 'ReplicaSet'),
    labels: words,
    annotations: words,
    owners: fc.array(fc.tuple(owner, fc.option(fc.boolean(), { nil: undefined })), { maxLength: 2 }),
    managedFields: fc.array(managed, { maxLength: 3 }),
    phase: word,
  })
  .map(({ kind, owners, managedFields, phase, ...marks }) => {
    const ownerReferences = owners.map(([one, controller]) => ({ ...one, controller }))
    const metadata = { name: 'cart', uid: 'u1', ...marks, ownerReferences, managedFields }
    return { type: 'MODIFIED', object: { kind, apiVersion: 'v1', metadata, spec: {}, status: { phase } } }
  })

test('a pod reads as it reads whole, and every other object is given whole', () => {
  let cut = 0
  fc.assert(
    fc.property(frame, (one) => {
      const whole = JSON.stringify(one)
      const text = textOf(Buffer.from(whole))
      if (text !== whole) cut++
      if (one.object.kind !== 'Pod') assert.equal(text, whole)
      const [short, long] = [text, whole].map((line) => (JSON.parse(line) as typeof one).object)
      assert.deepEqual(pod(short), pod(long))
      assert.deepEqual({ ...short?.metadata, managedFields: [] }, { ...long?.metadata, managedFields: [] })
    }),
    { numRuns: 1_000 },
  )
  assert.ok(cut > 50, `only ${cut} were shortened`)
})

const FIELDS = '[{"manager":"kubectl","fieldsV1":{"f:spec":{"\\"]":[]}}}]'
const lineOf = (owners: string, fields: string): string =>
  `{"type":"ADDED","object":{"kind":"Pod","metadata":{"ownerReferences":${owners},"managedFields":${fields}},"spec":{}}}`
const lineOfBytes = (line: string): string => textOf(Buffer.from(line))

test('only what a controller made is shortened', () => {
  const [made, mine] = ['[{"controller":true}]', '[{"controller":false}]']
  assert.equal(lineOfBytes(lineOf(made, FIELDS)), lineOf(made, '[]'))
  for (const whole of [lineOf(mine, FIELDS), lineOf(made, FIELDS).replace('Pod', 'StatefulSet'), lineOf(made, 'null')])
    assert.equal(lineOfBytes(whole), whole)
})

test('a line that is cut off stands as it is', () => {
  const line = lineOf('[{"controller":true}]', FIELDS)
  for (let at = 0; at < line.indexOf('},"spec"'); at++) assert.equal(lineOfBytes(line.slice(0, at)), line.slice(0, at))
})
