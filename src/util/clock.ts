/** Time that passes: the machine's own in production, a made one in tests and simulations. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls once after `ms` milliseconds. What it returns calls that off. */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.max(0, ms))
    return () => clearTimeout(timer)
  },
}

/** What is thrown where work ends because the signal said so. */
export const abortError = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : new DOMException('stopped', 'AbortError')

/** Waits `ms` milliseconds; rejects with `abortError` when the signal comes first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel()
      if (signal) reject(abortError(signal))
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
