import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyObject } from '../../src/cluster/kinds.ts'
import { ownerChain } from '../../src/cluster/owners.ts'

interface Spec {
  readonly kind: string
  readonly uid: string
  readonly namespace?: string | undefined
  readonly owner?: {
    readonly kind?: string
    readonly uid: string
    readonly name?: string
    readonly controller?: boolean
  }
}

const object = ({ kind, uid, namespace = 'shop', owner }: Spec): AnyObject => ({
  apiVersion: 'v1',
  kind,
  metadata: {
    name: uid,
    uid,
    ...(namespace === '' ? {} : { namespace }),
    ...(owner ? { ownerReferences: [{ kind: 'ReplicaSet', name: owner.uid, controller: true, ...owner }] } : {}),
  },
})

function chainOf(specs: readonly Spec[]): { names: string[]; missing: string | undefined } {
  const objects = specs.map(object)
  const [first] = objects
  if (!first) throw new Error('a chain needs an object')
  const { chain, missing } = ownerChain(first, (uid) => objects.find((one) => one.metadata.uid === uid))
  return { names: chain.map((one) => one.metadata.name), missing: missing?.name }
}

const pod = (owner?: Spec['owner']): Spec => ({ kind: 'Pod', uid: 'pod', ...(owner ? { owner } : {}) })

test('goes through custom owners to the root', () => {
  const chain = chainOf([
    pod({ uid: 'set' }),
    { kind: 'ReplicaSet', uid: 'set', owner: { kind: 'Rollout', uid: 'rollout' } },
    { kind: 'Rollout', uid: 'rollout' },
  ])
  assert.deepEqual(chain, { names: ['pod', 'set', 'rollout'], missing: undefined })
})

test('an owner counts only when it is held with that uid, kind and name, in that namespace, as controller', () => {
  const ends = { names: ['pod'], missing: 'set' }
  assert.deepEqual(chainOf([pod({ uid: 'set' })]), ends)
  assert.deepEqual(chainOf([pod({ uid: 'set' }), { kind: 'Deployment', uid: 'set' }]), ends)
  assert.deepEqual(chainOf([pod({ uid: 'set' }), { kind: 'ReplicaSet', uid: 'set', namespace: 'other' }]), ends)
  assert.deepEqual(
    chainOf([pod({ uid: 'set', name: 'renamed' }), { kind: 'ReplicaSet', uid: 'set' }]).missing,
    'renamed',
  )
  assert.deepEqual(chainOf([pod({ uid: 'set', controller: false }), { kind: 'ReplicaSet', uid: 'set' }]), {
    names: ['pod'],
    missing: undefined,
  })
})

test('a cluster-scoped owner counts', () => {
  assert.deepEqual(chainOf([pod({ kind: 'Tenant', uid: 't' }), { kind: 'Tenant', uid: 't', namespace: '' }]).names, [
    'pod',
    't',
  ])
})

test('a Node is never a root owner', () => {
  assert.deepEqual(chainOf([pod({ kind: 'Node', uid: 'n' }), { kind: 'Node', uid: 'n', namespace: '' }]), {
    names: ['pod'],
    missing: undefined,
  })
})

test('a cycle of owners ends, and no action is taken on what is in it', () => {
  const { missing } = chainOf([
    { kind: 'A', uid: 'a', owner: { kind: 'B', uid: 'b' } },
    { kind: 'B', uid: 'b', owner: { kind: 'A', uid: 'a' } },
  ])
  assert.equal(missing, 'a')
})
