import type { IndexName, IndexedObject } from './indexes.ts'
import type { AnyObject, ObjectOf, Resource } from './kinds.ts'
import type { Look } from './look.ts'
import type { Change } from './mirror.ts'
import { ALL } from './readership.ts'
import { areCalledAlike } from './same.ts'
import type { OwnerChain, Snapshot } from './snapshot.ts'
import { indexKeys, shelfOf, type ObjectStore } from './store.ts'

/** Hears of everything that is read: the family of the question, and what was asked. */
export type Note = (family: string, name: string) => void

/** What an object says as an owner: what it is called and marked, and that it is there. */
export const OWNER = 'owner'

const whole = (resource: string): string => `all ${resource}`
const holding = (resource: string, namespace?: string): string =>
  namespace === undefined ? resource : `${resource} ${namespace}`
const place = (namespace: string | undefined, name = ''): string => `${namespace ?? ''}/${name}`

/** A snapshot that notes what is read through it. How completely kinds are looked at is not noted: when that changes, everything looks again. */
export class TrackedSnapshot implements Snapshot {
  readonly #objects: ObjectStore
  readonly #note: Note

  constructor(objects: ObjectStore, note: Note) {
    this.#objects = objects
    this.#note = note
  }

  get takenAt(): number {
    return this.#objects.takenAt
  }

  get cluster(): string {
    return this.#objects.cluster
  }

  all<R extends Resource>(resource: R): readonly ObjectOf<R>[] {
    this.#note(whole(resource), ALL)
    return this.#objects.all(resource)
  }

  holds(resource: Resource, namespace?: string): boolean {
    this.#note('holds', holding(resource, namespace))
    return this.#objects.holds(resource, namespace)
  }

  within<R extends Resource>(resource: R, namespace: string | undefined): readonly ObjectOf<R>[]
  within(resource: 'custom', namespace: string | undefined): readonly AnyObject[]
  within(resource: Resource | 'custom', namespace: string | undefined): readonly AnyObject[] {
    this.#note(`within ${resource}`, place(namespace))
    return resource === 'custom' ? this.#objects.within(resource, namespace) : this.#objects.within(resource, namespace)
  }

  get<R extends Resource>(resource: R, namespace: string | undefined, name: string): ObjectOf<R> | undefined {
    this.#note(`named ${resource}`, place(namespace, name))
    return this.#objects.get(resource, namespace, name)
  }

  byUid(uid: string): AnyObject | undefined {
    this.#note('uid', uid)
    return this.#objects.byUid(uid)
  }

  custom(): readonly AnyObject[] {
    this.#note(whole('custom'), ALL)
    return this.#objects.custom()
  }

  indexed<I extends IndexName>(index: I, key: string): readonly IndexedObject<I>[] {
    this.#note(index, key)
    return this.#objects.indexed(index, key)
  }

  look(resource: string, namespace?: string): Look {
    return this.#objects.look(resource, namespace)
  }

  owners(object: AnyObject): OwnerChain {
    const owners = this.#objects.owners(object)
    for (const { metadata } of owners.chain) this.#note(OWNER, metadata.uid)
    if (owners.missing?.uid !== undefined) this.#note(OWNER, owners.missing.uid)
    return owners
  }
}

type Question = readonly [family: string, name: string]

/** Everything that a change makes different from what was read before, as it was noted; `objects` hold it already. */
export function questionsOf({ before, after }: Change, held: ObjectStore): Question[] {
  const objects = [before, after].filter((object) => object !== undefined)
  const [one] = objects
  if (!one) return []
  const resource = shelfOf(one)
  const questions: Question[] = [[whole(resource), ALL]]
  // The first object of its kind came, or the last one went.
  const crossed = (left: number): boolean => left === 0 || (left === 1 && !before)
  if (crossed(held.count(resource))) questions.push(['holds', holding(resource)])
  for (const { metadata } of named(before, after)) {
    const { namespace, name, uid } = metadata
    if (crossed(held.countIn(resource, namespace))) questions.push(['holds', holding(resource, namespace ?? '')])
    questions.push([`within ${resource}`, place(namespace)], [`named ${resource}`, place(namespace, name)])
    questions.push(['uid', uid])
  }
  questions.push(...indexed(before, after))
  if (!before || !after || !areCalledAlike(before.metadata, after.metadata))
    for (const { metadata } of objects) questions.push([OWNER, metadata.uid])
  return questions
}

// Nearly always it is one object as it was and as it is: most of what is asked of both is the same, and asked once.
function named(before: AnyObject | undefined, after: AnyObject | undefined): AnyObject[] {
  if (!before || !after) return [before, after].filter((object) => object !== undefined)
  const [a, b] = [before.metadata, after.metadata]
  return a.uid === b.uid && a.namespace === b.namespace && a.name === b.name ? [after] : [before, after]
}

function indexed(before: AnyObject | undefined, after: AnyObject | undefined): Question[] {
  const [former, keys] = [before ? indexKeys(before) : [], after ? indexKeys(after) : []]
  const isKept = ([index, key]: Question): boolean => keys.some((kept) => kept[0] === index && kept[1] === key)
  return [...keys, ...former.filter((question) => !isKept(question))]
}
