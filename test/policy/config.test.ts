import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policySchema } from '../../src/policy/config.ts'

const problem = (written: unknown): string =>
  policySchema
    .safeParse(written)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    .join('\n') ?? 'none'

const GRANT = { level: 'L3', namespaces: ['shop'], rules: ['*'], actions: ['restart-workload'], reason: 'trial' }

test('nothing written is L1, no grants and no caps', () => {
  assert.deepEqual(policySchema.parse({}), {
    level: 'L1',
    ceiling: 'L4',
    caps: [],
    grants: [],
    protected: { namespaces: [] },
    ownNamespace: 'dogwatch',
  })
})

test('a whole policy is read as written', () => {
  const cap = { level: 'L1', namespaces: ['prod-*'], rules: ['*'], actions: ['*'], reason: 'audit' }
  const grant = { ...GRANT, expires: '2026-12-01T00:00:00Z' }
  const written = { level: 'L2', ceiling: 'L3', caps: [cap], grants: [grant], protected: { namespaces: ['vault'] } }
  assert.deepEqual(policySchema.parse(written), { ...written, ownNamespace: 'dogwatch' })
})

const BAD: [name: string, written: object, problem: RegExp][] = [
  ['an unknown key', { levl: 'L1' }, /levl/],
  ['an unknown key of a grant', { grants: [{ ...GRANT, namespace: 'shop' }] }, /namespace/],
  ['a level that is none', { level: 'L5' }, /level/],
  ['a ceiling that is none', { ceiling: 'l4' }, /ceiling/],
  ['a grant without a reason', { grants: [{ ...GRANT, reason: undefined }] }, /reason/],
  ['a grant with an empty reason', { grants: [{ ...GRANT, reason: '' }] }, /reason/],
  ['a grant that names no rules', { grants: [{ ...GRANT, rules: undefined }] }, /rules/],
  ['a grant with an end that is no time', { grants: [{ ...GRANT, expires: 'tomorrow' }] }, /expires/],
  ['null in the place of a list', { grants: null }, /grants/],
  ['a cap that would cap nothing', { caps: [{ ...GRANT, namespaces: [] }] }, /would cap nothing/],
  ['an empty name of a namespace', { protected: { namespaces: [''] } }, /namespaces/],
]

for (const [name, written, expected] of BAD) {
  test(`refuses ${name}`, () => assert.match(problem(written), expected))
}
