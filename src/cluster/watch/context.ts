import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Transport } from '../transport.ts'
import type { OutageGate } from './outage-gate.ts'
import type { Slots } from './slots.ts'

/** What all watches of one cluster share. */
export interface WatchContext {
  readonly transport: Transport
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  readonly logger: Logger
  readonly gate: OutageGate
  /** Kinds that are listed whole at a time. */
  readonly syncs: Slots
  /** Watches that are being opened at a time: where no answer comes, that is what bounds the requests. */
  readonly openings: Slots
  /** How many times longer than usual a watch may last, so that many watches do not ask more often than a few. */
  readonly stretch: () => number
}
