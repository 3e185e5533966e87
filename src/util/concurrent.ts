/**
 * Runs `task` on each item, at most `width` at a time, and gives the results in the order of the items.
 * The first failure rejects, and no further item is begun.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  let failed = false
  const work = async (): Promise<void> => {
    for (const [i, item] of queue) {
      if (failed) return
      results[i] = await task(item)
    }
  }
  const workers = Array.from({ length: Math.min(width, items.length) }, () =>
    work().catch((error: unknown) => {
      failed = true
      throw error
    }),
  )
  await Promise.all(workers)
  return results
}
