/** Microseconds of CPU that one of `count` repetitions takes: waiting for a busy machine is not counted. */
export async function micros(count: number, work: (count: number) => Promise<void>): Promise<number> {
  const start = process.cpuUsage()
  await work(count)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / count
}

/** The middle one: what a machine with other work does to a few rounds does not move it. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
