import { monitorEventLoopDelay } from 'node:perf_hooks'
import { gc } from './gc.ts'

/**
 * Loaded before a program that is measured (`node --import`), it tells its figures when it is asked. The program need not know.
 */
export interface Figures {
  /** Since the last mark. */
  readonly cpuSeconds: number
  readonly longestBlockMs: number
  readonly p99BlockMs: number
  readonly rssMegabytes: number
  /** Since the start. */
  readonly peakMegabytes: number
  readonly heapMegabytes: number
}

const RESOLUTION_MS = 10
const P99 = 99
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
delays.enable()
let since = process.cpuUsage()

const megabytes = (bytes: number): number => bytes / 2 ** 20
const blockMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)

const ORDERS: Readonly<Record<string, () => unknown>> = {
  mark: () => {
    since = process.cpuUsage()
    delays.reset()
  },
  figures: (): Figures => {
    const { user, system } = process.cpuUsage(since)
    return {
      cpuSeconds: (user + system) / 1e6,
      longestBlockMs: blockMs(delays.max),
      p99BlockMs: blockMs(delays.percentile(P99)),
      rssMegabytes: megabytes(process.memoryUsage.rss()),
      peakMegabytes: process.resourceUsage().maxRSS / 1024,
      heapMegabytes: megabytes(process.memoryUsage().heapUsed),
    }
  },
  collect: gc,
}

process.on('message', ({ id, order }: { readonly id: number; readonly order: string }) => {
  const carryOut = ORDERS[order]
  if (carryOut) process.send?.({ id, result: carryOut() })
})
// Whoever measures does not keep the program alive.
process.channel?.unref()
