import type { AnyObject } from './cluster/kinds.ts'
import { ownOf } from './cluster/own.ts'
import type { Readership } from './cluster/readership.ts'
import { shelfOf, type ObjectStore } from './cluster/store.ts'
import type { View } from './facts/subject.ts'
import { doubted, isOutOfDate, type Docket, type Judgement } from './findings/docket.ts'
import type { Doubt } from './findings/doubts.ts'
import type { Reader } from './showing.ts'

export interface JudgingOptions {
  readonly objects: ObjectStore
  readonly readership: Readership<Reader>
  readonly at: (now: number) => View
  /** How long an owner that is not there is waited for, in milliseconds. */
  readonly ownerMs: number
  /** Hears of an object that could not be judged. */
  readonly failed: (error: unknown) => void
}

/** Asks the rules about objects, where that can be done. */
export class Judging {
  readonly #options: JudgingOptions

  constructor(options: JudgingOptions) {
    this.#options = options
  }

  /** Notes for `reader` what is read. What cannot be judged now is neither true nor false. `now` in milliseconds. */
  judge(docket: Docket, object: AnyObject, { reader, now }: { reader: Reader; now: number }): Judgement {
    const { objects, readership, at, failed } = this.#options
    const resource = shelfOf(object)
    const look = objects.look(resource, object.metadata.namespace)
    if (isOutOfDate(look)) return unasked(reader, { reason: look.unknown, detail: look.detail })
    const view = at(now)
    try {
      return readership.record(
        reader,
        ownOf(object),
        () => this.#awaited(object, { reader, view }) ?? docket.judge(object, resource, view),
      )
    } catch (error) {
      failed(error)
      return unasked(reader, { reason: 'not-computable', detail: 'judging it failed' })
    }
  }

  // A kind may be heard later than another: what it owns would be a finding of its own meanwhile, and again what an owner left that is gone
  // until that is collected too.
  #awaited(object: AnyObject, { reader, view }: { reader: Reader; view: View }): Judgement | undefined {
    const { missing } = view.snapshot.owners(object)
    reader.orphanedAt = missing && (reader.orphanedAt ?? view.now)
    const until = (reader.orphanedAt ?? -Infinity) + this.#options.ownerMs
    if (view.now >= until) return undefined
    return { ...unasked(reader, { reason: 'not-held', detail: 'its owner is not there, and may come' }), until }
  }
}

const unasked = ({ verdicts }: Reader, why: Pick<Doubt, 'reason' | 'detail'>): Judgement => ({
  verdicts: doubted(verdicts, why),
  until: undefined,
  evaluations: 0,
})
