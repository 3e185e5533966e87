import { CUSTOM_WORKLOADS } from '../util/custom-workloads.ts'
import type { Discovery } from './discovery.ts'
import { resourceOf } from './dump.ts'
import { KINDS } from './kinds.ts'
import type { KindLook, Target } from './kind-look.ts'
import type { Blind } from './look.ts'
import type { OwnerReference } from './projection/meta.ts'

/** Objects of one custom kind beyond which it is not read further: they own pods, so there should be far fewer. */
const MOST_OBJECTS = 10_000

/** What every server has beside `KINDS` and may own pods. */
export const REPLICATION_CONTROLLER: Target = {
  resource: 'replicationcontrollers',
  apiVersion: 'v1',
  kind: 'ReplicationController',
  namespaced: true,
}

/** The well-known custom workloads that the server has, and the old ReplicationController, which every server has. */
export async function knownWorkloads(discovery: Discovery): Promise<Target[]> {
  const found = await Promise.all(CUSTOM_WORKLOADS.map((workload) => targetOf(discovery, workload)))
  return [REPLICATION_CONTROLLER, ...found.filter((target) => target !== undefined)]
}

/** Kinds of owners beyond which no more are followed: who may create objects chooses what they say owns them. */
export const MOST_KINDS = 20

/** Looks at the kinds of controllers that objects name and that are not held, and at the controllers of those, up to the roots. */
export async function followOwners(
  kinds: readonly KindLook[],
  way: { readonly discovery: Discovery; readonly look: (targets: readonly Target[]) => Promise<KindLook[]> },
): Promise<KindLook[]> {
  const custom: KindLook[] = []
  for (;;) {
    const owners = await missingOwners(way.discovery, [...kinds, ...custom])
    if (owners.length === 0) return custom
    const left = Math.max(0, MOST_KINDS - custom.length)
    custom.push(...(await way.look(owners.slice(0, left))), ...owners.slice(left).map(notFollowed))
  }
}

const notFollowed = (target: Target): KindLook => ({
  target,
  objects: [],
  listed: undefined,
  blind: tooManyKinds(target),
})

/** Why a kind that owns something is not looked at. */
export const tooManyKinds = ({ resource }: Target): Blind => ({
  unknown: 'failed',
  detail: `${resource}: more than ${MOST_KINDS} custom kinds own something`,
})

async function missingOwners(discovery: Discovery, kinds: readonly KindLook[]): Promise<Target[]> {
  const held = new Set(kinds.flatMap(({ objects }) => objects.map(({ metadata }) => metadata.uid)))
  const known = new Set([...KINDS, ...kinds.map(({ target }) => target)].map(nameOf))
  const wanted = new Map<string, OwnerReference>()
  for (const { metadata } of kinds.flatMap(({ objects }) => objects))
    for (const owner of metadata.ownerReferences ?? [])
      if (mayOwn(owner, held) && !known.has(nameOf(owner))) wanted.set(nameOf(owner), owner)
  const found = await Promise.all([...wanted.values()].map((owner) => targetOf(discovery, owner)))
  return found.filter((target) => target !== undefined)
}

/** A kind as an owner reference names it. */
export interface Named {
  readonly apiVersion?: string | undefined
  readonly kind?: string | undefined
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '')
/** A name of a kind that does not depend on its version. */
export const nameOf = ({ apiVersion = '', kind = '' }: Named): string => `${kind}.${groupOf(apiVersion)}`

// Anybody who may create a pod may write any kind into its owner. Nobody makes us list one that holds secrets.
const SECRET = /secret|token|credential/i
const mayOwn = (owner: OwnerReference, held: ReadonlySet<string>): boolean =>
  mayBeFollowed(owner) && !held.has(owner.uid ?? '')

/** Whether an owner is a controller of a kind that is not part of Kubernetes itself and that may be looked at. */
export const mayBeFollowed = ({ controller, apiVersion = '', kind = '' }: OwnerReference): boolean =>
  controller === true && groupOf(apiVersion).includes('.') && !SECRET.test(kind)

/** The kind of an owner, where the server has it and it may be looked at. */
export async function targetOf(
  discovery: Discovery,
  { apiVersion = '', kind = '' }: Named,
): Promise<Target | undefined> {
  const found = await discovery.find(apiVersion, kind)
  if (!found || SECRET.test(found.plural)) return undefined
  return {
    resource: `${found.plural}.${groupOf(found.apiVersion)}`,
    apiVersion: found.apiVersion,
    kind,
    namespaced: found.namespaced,
    most: MOST_OBJECTS,
  }
}

/** Every name that a kind is asked for by: who knows only an object has to guess the plural. */
export function namesOf({ resource, apiVersion, kind }: Target): string[] {
  return [...new Set([resource, resourceOf({ apiVersion, kind, metadata: { name: '', uid: '' } })])]
}
