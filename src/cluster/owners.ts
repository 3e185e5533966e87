import type { AnyObject } from './kinds.ts'
import type { OwnerReference } from './projection/meta.ts'
import type { OwnerChain } from './snapshot.ts'

// Longer than any chain seen (pod, ReplicaSet, Deployment, Rollout, application, cluster operator); a cycle of owners ends here too.
const MAX_DEPTH = 10

/**
 * Follows controllers to the root. A controller counts only when it is held with the uid that is named, under the same kind,
 * and in the object's own namespace or in none: an owner of another namespace is void in Kubernetes, and could be anybody's.
 */
export function ownerChain(object: AnyObject, byUid: (uid: string) => AnyObject | undefined): OwnerChain {
  const chain: AnyObject[] = [object]
  for (let current = object; chain.length < MAX_DEPTH;) {
    const reference = controllerOf(current)
    if (!reference) return { chain }
    const owner = reference.uid === undefined ? undefined : byUid(reference.uid)
    if (!owner || !matches(owner, reference, current) || chain.includes(owner)) return { chain, missing: reference }
    chain.push(owner)
    current = owner
  }
  const last = chain.at(-1)
  const beyond = last && controllerOf(last)
  return beyond ? { chain, missing: beyond } : { chain }
}

// A static pod names its Node as controller. A Node is where it runs, not what it is part of.
const controllerOf = (object: AnyObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((reference) => reference.controller === true && reference.kind !== 'Node')

const matches = (owner: AnyObject, reference: OwnerReference, child: AnyObject): boolean =>
  owner.kind === reference.kind &&
  owner.metadata.name === reference.name &&
  (owner.metadata.namespace === undefined || owner.metadata.namespace === child.metadata.namespace)
