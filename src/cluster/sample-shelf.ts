import { standInUid, type AnyObject, type ObjectOf } from './kinds.ts'
import { byName, Shelf } from './shelf.ts'

type PodMetrics = ObjectOf<'pods.metrics.k8s.io'>

const API_VERSION = 'metrics.k8s.io/v1beta1'
const KIND = 'PodMetrics'

/** What one look at a container found. */
interface Usage {
  readonly container: string
  readonly cpu: string
  readonly memory: string
}

/** What is different from one sample to the next. Nearly all pods have one container that is measured. */
interface Packed {
  readonly timestamp: string
  readonly window: string
  readonly pollSeconds: number
  readonly usage: Usage | readonly Usage[]
}

/** A sample of a pod has no uid of its own; it is called by what it is of. */
const PREFIX = `${KIND}/`
const uidOf = (namespace: string | undefined, name: string): string => standInUid(KIND, namespace, name)

/**
 * The samples of pods, without all that is the same in each of them: as objects they would be a sixth of all that is held of a large
 * cluster. Whoever asks for one is given an object that was made for it. What is no mere sample lies here as on any shelf.
 */
export class SampleShelf extends Shelf {
  readonly #homes = new Map<string, Map<string, Packed>>()
  #packed = 0

  /** Takes an object that is a sample of a pod and nothing more; `false` for any other. */
  pack(object: AnyObject): boolean {
    const packed = packedOf(object)
    if (!packed) return false
    const { namespace = '', name } = object.metadata
    const home = this.#homes.get(namespace) ?? new Map<string, Packed>()
    this.#homes.set(namespace, home)
    if (!home.has(name)) this.#packed++
    home.set(name, packed)
    return true
  }

  /** Lets go of an object that was packed. */
  drop({ metadata: { namespace = '', name } }: AnyObject): void {
    const home = this.#homes.get(namespace)
    if (home?.delete(name) === true) this.#packed--
    if (home?.size === 0) this.#homes.delete(namespace)
  }

  /** How many are packed. */
  get packed(): number {
    return this.#packed
  }

  /** The one that is packed and has this uid. */
  byUid(uid: string): PodMetrics | undefined {
    if (!uid.startsWith(PREFIX)) return undefined
    const slash = uid.indexOf('/', PREFIX.length)
    return this.#get(uid.slice(PREFIX.length, slash), uid.slice(slash + 1))
  }

  /** All that are packed, in no order. */
  *unpacked(): Generator<PodMetrics> {
    for (const namespace of this.#homes.keys()) yield* this.#within(namespace)
  }

  override get size(): number {
    return super.size + this.#packed
  }

  override get(namespace: string | undefined, name: string): AnyObject | undefined {
    return super.get(namespace, name) ?? this.#get(namespace ?? '', name)
  }

  override countIn(namespace: string | undefined): number {
    return super.countIn(namespace) + (this.#homes.get(namespace ?? '')?.size ?? 0)
  }

  override all(): readonly AnyObject[] {
    return [...super.all(), ...this.unpacked()].toSorted(byName)
  }

  override within(namespace: string | undefined): readonly AnyObject[] {
    return [...super.within(namespace), ...this.#within(namespace ?? '')].toSorted(byName)
  }

  #get(namespace: string, name: string): PodMetrics | undefined {
    const packed = this.#homes.get(namespace)?.get(name)
    return packed && unpack(namespace, name, packed)
  }

  *#within(namespace: string): Generator<PodMetrics> {
    for (const [name, packed] of this.#homes.get(namespace) ?? []) yield unpack(namespace, name, packed)
  }
}

function unpack(namespace: string, name: string, { timestamp, window, pollSeconds, usage }: Packed): PodMetrics {
  const containers = [usage].flat().map(({ container, cpu, memory }) => ({ name: container, usage: { cpu, memory } }))
  const metadata = { name, ...(namespace === '' ? {} : { namespace }), uid: uidOf(namespace, name) }
  return { metadata, timestamp, window, containers, pollSeconds, apiVersion: API_VERSION, kind: KIND }
}

const isSample = (object: AnyObject): object is PodMetrics => object.kind === KIND && object.apiVersion === API_VERSION

const METADATA = new Set(['name', 'namespace', 'uid'])
const isMere = ({ metadata }: PodMetrics): boolean =>
  metadata.uid === uidOf(metadata.namespace, metadata.name) && Object.keys(metadata).every((key) => METADATA.has(key))

function packedOf(object: AnyObject): Packed | undefined {
  if (!isSample(object) || !isMere(object)) return undefined
  const { timestamp, window, pollSeconds, containers = [] } = object
  if (timestamp === undefined || window === undefined || pollSeconds === undefined) return undefined
  const usages = containers.map(usageOf)
  const [one] = usages
  if (one === undefined || !isWhole(usages)) return undefined
  return { timestamp, window, pollSeconds, usage: usages.length === 1 ? one : usages }
}

type Container = NonNullable<PodMetrics['containers']>[number]

function usageOf({ name: container, usage }: Container): Usage | undefined {
  const { cpu, memory } = usage ?? {}
  return container === undefined || cpu === undefined || memory === undefined ? undefined : { container, cpu, memory }
}

const isWhole = (usages: readonly (Usage | undefined)[]): usages is readonly Usage[] => !usages.includes(undefined)
