/** What Prometheus says a container of one pod used. Times are milliseconds since 1970. */
export interface MeasuredUsage {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** The window that was asked for; the pod may not have been there for all of it. */
  readonly from: number
  readonly to: number
  /** Minutes of the window in which it was measured. */
  readonly samples: number
  readonly cpuP95Cores: number
  readonly cpuMaxCores: number
  readonly memoryPeakBytes: number
}
