import type { MeasuredUsage } from '../../src/cluster/prometheus.ts'
import { DAY } from '../../src/facts/usage-days.ts'
import { NOW } from './build.ts'

/** Two weeks of the container `app` of a pod, as a Prometheus has measured it. */
export const measured = (pod: string, more: Partial<MeasuredUsage> = {}): MeasuredUsage => ({
  pod,
  namespace: 'shop',
  container: 'app',
  from: NOW - 14 * DAY,
  to: NOW,
  samples: 20_160,
  cpuP95Cores: 0.1,
  cpuMaxCores: 0.4,
  memoryPeakBytes: 2 ** 20,
  ...more,
})
