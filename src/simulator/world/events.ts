import { formatTime } from '../../util/time.ts'
import type { Engine } from './engine.ts'
import type { KubeObject } from './objects.ts'
import type { Store } from './store.ts'

export interface Said {
  readonly reason: string
  readonly message: string
  readonly type?: 'Normal' | 'Warning'
  readonly component: string
  /** The node of a kubelet. */
  readonly host?: string | undefined
  readonly container?: string | undefined
}

interface Kept {
  readonly object: KubeObject
  readonly count: number
  readonly expires: number
}

const TTL_MS = 3_600_000
const SWEEP_MS = 60_000
// The scheduler speaks the newer form of Events: one series, no count.
const SCHEDULER = 'default-scheduler'

/** Writes Events as the components of Kubernetes do: what is said again is counted, and an hour after it was last said it is gone. */
export class EventRecorder {
  readonly #engine: Engine
  readonly #store: Store
  readonly #kept = new Map<string, Kept>()
  #written = 0

  constructor(engine: Engine, store: Store) {
    this.#engine = engine
    this.#store = store
    engine.every(SWEEP_MS, () => this.#sweep())
  }

  record(object: KubeObject, said: Said): void {
    if (this.#engine.past) return
    const { uid = '' } = object.metadata
    const key = [uid, said.component, said.container ?? '', said.reason, said.message].join('\n')
    const before = this.#kept.get(key)
    const count = (before?.count ?? 0) + 1
    const now = this.#engine.now()
    const known = before && this.#store.fresh(before.object)
    const event = known
      ? this.#store.update({ ...known, ...(said.component === SCHEDULER ? series(count, now) : counted(count, now)) })
      : this.#store.create(this.#eventOf(object, said))
    this.#kept.delete(key)
    this.#kept.set(key, { object: event, count: known ? count : 1, expires: now + TTL_MS })
  }

  #eventOf(object: KubeObject, said: Said): KubeObject {
    const { name, namespace = 'default', uid, resourceVersion } = object.metadata
    const { reason, message, type = 'Normal', component, host, container } = said
    const now = this.#engine.now()
    const suffix = (BigInt(Math.floor(now)) * 1_000_000n + BigInt(this.#written++ % 1_000_000)).toString(16)
    const involvedObject = {
      kind: object.kind,
      ...(object.metadata.namespace === undefined ? {} : { namespace }),
      name,
      uid,
      apiVersion: object.apiVersion,
      resourceVersion,
      ...(container === undefined ? {} : { fieldPath: `spec.containers{${container}}` }),
    }
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${suffix}`, namespace, creationTimestamp: formatTime(now) },
      involvedObject,
      reason,
      message,
      type,
      ...(component === SCHEDULER
        ? scheduled(now, reason)
        : {
            source: { component, ...(host === undefined ? {} : { host }) },
            firstTimestamp: formatTime(now),
            ...counted(1, now),
            eventTime: null,
            reportingComponent: component,
            reportingInstance: host ?? '',
          }),
    }
  }

  // Oldest first: what is said again is kept anew at the end.
  #sweep(): void {
    for (const [key, { object, expires }] of this.#kept) {
      if (expires > this.#engine.now()) return
      this.#kept.delete(key)
      this.#store.remove(object)
    }
  }
}

const micro = (now: number): string => `${new Date(now).toISOString().slice(0, -1)}000Z`
const counted = (count: number, now: number): object => ({ lastTimestamp: formatTime(now), count })
const series = (count: number, now: number): object => ({ series: { count, lastObservedTime: micro(now) } })
const scheduled = (now: number, reason: string): object => ({
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  eventTime: micro(now),
  reportingComponent: SCHEDULER,
  reportingInstance: `${SCHEDULER}-0`,
  action: reason === 'Scheduled' ? 'Binding' : 'Scheduling',
})
