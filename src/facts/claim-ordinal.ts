import type { AnyObject, ObjectOf } from '../cluster/kinds.ts'
import type { Snapshot } from '../cluster/snapshot.ts'
import { customObjects } from './claim-holders.ts'

type Claim = ObjectOf<'persistentvolumeclaims'>

/** A StatefulSet (or a custom object of that shape) that would make a claim of this name, for one of its ordinals. */
export interface Seat {
  readonly object: AnyObject
  readonly ordinal: number
  /** Whether it may need the claim: the ordinal is inside its replicas, or inside what an autoscaler may make of them. */
  readonly inside: boolean
  readonly replicas: number | undefined
  readonly retention: string | undefined
}

interface Maker {
  readonly object: AnyObject
  readonly templates: readonly { readonly metadata?: { readonly name?: string } }[]
  readonly replicas: number | undefined
  readonly start: number
  readonly retention?: string | undefined
}

function makerOf(object: ObjectOf<'statefulsets.apps'>): Maker {
  const { volumeClaimTemplates = [], replicas = 1, ordinals, persistentVolumeClaimRetentionPolicy } = object.spec ?? {}
  const retention = persistentVolumeClaimRetentionPolicy?.whenScaled ?? 'Retain'
  return { object, templates: volumeClaimTemplates, replicas, start: ordinals?.start ?? 0, retention }
}

function makersIn(namespace: string | undefined, snapshot: Snapshot): Maker[] {
  const sets = snapshot.within('statefulsets.apps', namespace).map(makerOf)
  const custom = customObjects(namespace, snapshot).map((object) => ({
    object,
    templates: object.spec?.volumeClaimTemplates ?? [],
    replicas: object.spec?.replicas,
    start: 0,
  }))
  return [...sets, ...custom]
}

const ORDINAL = /^(.+)-(0|[1-9]\d{0,8})$/

/** A claim's name as `STEM-ORDINAL`; `undefined` for a name that no StatefulSet gives. */
function stemOf(name: string): { readonly stem: string; readonly ordinal: number } | undefined {
  const [, stem, digits] = ORDINAL.exec(name) ?? []
  return stem === undefined ? undefined : { stem, ordinal: Number(digits) }
}

/** Every StatefulSet that would make a claim of this name. */
export function seatsOf({ metadata }: Claim, snapshot: Snapshot): Seat[] {
  const named = stemOf(metadata.name)
  if (!named) return []
  return makersIn(metadata.namespace, snapshot)
    .filter(({ object, templates }) =>
      templates.some((template) => named.stem === `${template.metadata?.name ?? ''}-${object.metadata.name}`),
    )
    .map((maker) => ({
      object: maker.object,
      ordinal: named.ordinal,
      inside: isInside(named.ordinal, maker, snapshot),
      replicas: maker.replicas,
      retention: maker.retention,
    }))
}

// At no replicas a set is paused, as a Deployment at 0 is: nobody knows how many of its claims are wanted, so all of them are.
function isInside(ordinal: number, { object, replicas, start }: Maker, snapshot: Snapshot): boolean {
  if (replicas === undefined || replicas === 0) return true
  const { namespace = '', name } = object.metadata
  const limits = snapshot
    .indexed('autoscalersByTarget', `${object.kind}/${namespace}/${name}`)
    .map(({ spec }) => spec?.maxReplicas ?? 0)
  return ordinal >= start && ordinal < start + Math.max(replicas, ...limits)
}

/** The StatefulSet that no longer exists and that left a claim, by the shape of the claim's name and a second witness. */
export function goneSet(claim: Claim, snapshot: Snapshot): string | undefined {
  const { name, namespace } = claim.metadata
  const stem = stemOf(name)?.stem
  if (stem === undefined) return undefined
  const witnesses = [...labelNames(claim), ...revisionOwners(namespace, snapshot)]
  const sets = witnesses.filter((set) => set !== '' && stem.endsWith(`-${set}`) && stem.length > set.length + 1)
  const longest = sets.toSorted((a, b) => b.length - a.length)[0]
  return longest === undefined || exists(longest, namespace, snapshot) ? undefined : longest
}

// A StatefulSet copies the labels that it selects by to its claims; charts put its name together from two of them.
function labelNames({ metadata }: Claim): string[] {
  const values = Object.values(metadata.labels ?? {}).toSorted()
  return [...values, ...values.flatMap((first) => values.map((second) => `${first}-${second}`))]
}

const revisionOwners = (namespace: string | undefined, snapshot: Snapshot): string[] =>
  snapshot
    .within('controllerrevisions.apps', namespace)
    .flatMap(({ metadata }) => metadata.ownerReferences ?? [])
    .filter(({ kind, uid }) => kind === 'StatefulSet' && uid !== undefined && !snapshot.byUid(uid))
    .map(({ name }) => name ?? '')

const WORKLOADS = ['statefulsets.apps', 'deployments.apps', 'daemonsets.apps'] as const

const exists = (name: string, namespace: string | undefined, snapshot: Snapshot): boolean =>
  WORKLOADS.some((resource) => snapshot.get(resource, namespace, name) !== undefined)
