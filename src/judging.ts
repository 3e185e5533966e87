import type { AnyObject } from './cluster/kinds.ts'
import { ownOf } from './cluster/own.ts'
import type { Readership } from './cluster/readership.ts'
import { shelfOf, type ObjectStore } from './cluster/store.ts'
import type { View } from './facts/subject.ts'
import { ASPECTS, isOutOfDate, lasting, type Aspect, type Docket, type Judgement } from './findings/docket.ts'
import type { Doubt } from './findings/doubts.ts'
import { NO_VERDICTS, type Verdicts } from './findings/ledger.ts'
import { readerOf, type Reader } from './showing.ts'

export interface JudgingOptions {
  readonly objects: ObjectStore
  readonly readership: Readership<Reader>
  readonly at: (now: number) => View
  /** How long an owner that is not there is waited for, in milliseconds. */
  readonly ownerMs: number
  /** Hears of an object that could not be judged. */
  readonly failed: (error: unknown) => void
  /** Hears what is said of an object in place of what was said before. */
  readonly said: (before: Verdicts, now: Verdicts) => void
}

/** Asks the rules about objects, where that can be done, and holds what they said. */
export class Judging {
  readonly #options: JudgingOptions
  readonly #readers: Readonly<Record<Aspect, Map<string, Reader>>> = { state: new Map(), usage: new Map() }
  #evaluations = 0

  constructor(options: JudgingOptions) {
    this.#options = options
  }

  /** How often a rule was asked about a subject. */
  get evaluations(): number {
    return this.#evaluations
  }

  /** Whether anything was asked about an object. */
  has(uid: string): boolean {
    return ASPECTS.some((aspect) => this.#readers[aspect].has(uid))
  }

  /** What the rules said of each object, part by part. */
  *judged(): Generator<readonly [AnyObject, Verdicts]> {
    for (const aspect of ASPECTS)
      for (const { id, verdicts } of this.#readers[aspect].values()) {
        const object = this.#options.objects.byUid(id)
        if (object) yield [object, verdicts]
      }
  }

  /** Asks about an aspect of an object. Gives when an answer may change though no object does; times are in milliseconds. */
  judge(docket: Docket, object: AnyObject, { aspect, now }: { aspect: Aspect; now: number }): number | undefined {
    const { uid } = object.metadata
    const readers = this.#readers[aspect]
    const resource = shelfOf(object)
    if (!docket.concerns(object, { resource, aspect })) return this.#drop(aspect, uid)
    const reader = readers.get(uid) ?? readerOf(aspect, uid)
    readers.set(uid, reader)
    const { verdicts, until, evaluations } = this.#ask(docket, object, { reader, resource, aspect, now })
    this.#evaluations += evaluations
    this.#say(reader, lasting(reader.verdicts, verdicts))
    return until
  }

  /** An object is gone: nothing is said of it any more. */
  forget(uid: string): void {
    for (const aspect of ASPECTS) this.#drop(aspect, uid)
  }

  #drop(aspect: Aspect, uid: string): undefined {
    const reader = this.#readers[aspect].get(uid)
    if (!reader) return
    this.#say(reader, NO_VERDICTS)
    this.#options.readership.forget(reader)
    this.#readers[aspect].delete(uid)
  }

  #say(reader: Reader, said: Verdicts): void {
    if (said !== reader.verdicts) this.#options.said(reader.verdicts, said)
    reader.verdicts = said
  }

  // Notes what is read. What cannot be judged now is neither true nor false.
  #ask(docket: Docket, object: AnyObject, { reader, resource, aspect, now }: Question): Judgement {
    const { objects, readership, at, failed } = this.#options
    const look = objects.look(resource, object.metadata.namespace)
    if (isOutOfDate(look)) return unasked(reader, docket, { reason: look.unknown, detail: look.detail })
    const view = at(now)
    try {
      return readership.record(
        reader,
        // Who its owners are is noted once: with its state its usage is looked at again.
        ownOf(object, { owners: aspect === 'usage' && docket.concerns(object, { resource, aspect: 'state' }) }),
        () => this.#awaited(object, { reader, docket, view }) ?? docket.judge(object, { resource, aspect }, view),
      )
    } catch (error) {
      failed(error)
      return unasked(reader, docket, { reason: 'not-computable', detail: 'judging it failed' })
    }
  }

  // A kind may be heard later than another: what it owns would be a finding of its own meanwhile, and again what an owner left that is gone
  // until that is collected too.
  #awaited(
    object: AnyObject,
    { reader, docket, view }: { reader: Reader; docket: Docket; view: View },
  ): Judgement | undefined {
    const { missing } = view.snapshot.owners(object)
    if (missing === undefined && reader.orphanedAt === undefined) return undefined
    reader.orphanedAt = missing && (reader.orphanedAt ?? view.now)
    const until = (reader.orphanedAt ?? -Infinity) + this.#options.ownerMs
    if (view.now >= until) return undefined
    return { ...unasked(reader, docket, { reason: 'not-held', detail: 'its owner is not there, and may come' }), until }
  }
}

interface Question {
  readonly reader: Reader
  readonly resource: string
  readonly aspect: Aspect
  /** Milliseconds since 1970. */
  readonly now: number
}

const unasked = ({ verdicts }: Reader, docket: Docket, why: Pick<Doubt, 'reason' | 'detail'>): Judgement => ({
  verdicts: docket.doubted(verdicts, why),
  until: undefined,
  evaluations: 0,
})
