import type { Clock } from '../util/clock.ts'

/** A signal that comes after `ms` milliseconds, or with the first of others. `end` lets go of all of them. */
export function signalAfter(
  clock: Clock,
  ms: number,
  others: readonly AbortSignal[],
): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController()
  const stop = (): void => controller.abort()
  const cancel = clock.after(ms, stop)
  for (const other of others) {
    other.addEventListener('abort', stop, { once: true })
    if (other.aborted) stop()
  }
  return {
    signal: controller.signal,
    end: () => {
      cancel()
      for (const other of others) other.removeEventListener('abort', stop)
    },
  }
}
