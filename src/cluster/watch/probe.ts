import type { Clock } from '../../util/clock.ts'
import { SECOND } from '../../util/time.ts'
import { TransportError, type Transport } from '../transport.ts'
import { Cut } from './deadline.ts'

const WITHIN = 10 * SECOND

/** Whether a server says that it is well. Any answer but "not now" will do: it may refuse to tell, and is there all the same. */
export async function isWell(transport: Transport, clock: Clock, signal: AbortSignal): Promise<boolean> {
  using cut = new Cut(clock, signal)
  cut.after(WITHIN, () => new TransportError('timeout', `no answer for ${WITHIN / SECOND} s`))
  try {
    const { status, body } = await transport.request({ method: 'GET', path: '/readyz', signal: cut.signal })
    for await (const _ of body) break
    return status < 500 && status !== 429
  } catch {
    signal.throwIfAborted()
    return false
  }
}
