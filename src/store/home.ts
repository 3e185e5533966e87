/** Where the chunks of a checkpoint are kept. */
export interface Home {
  /** `null` where nothing outlives the process. */
  readonly path: string | null
  /** Looks for what was kept before. */
  open(): Promise<Opened>
  /** The chunks of the last whole save. */
  read(): AsyncIterable<Uint8Array>
  /** Puts these chunks in the place of what was there, whole or not at all. @throws HomeError, and what `chunks` throws. */
  write(chunks: AsyncIterable<Uint8Array>, at: number): Promise<void>
}

/** That a home could not be read or written; for a person. */
export class HomeError extends Error {}

/** What was found. `sealed`: it must not be written over, so there is no checkpoint at all. */
export interface Opened {
  readonly savedAt?: number | undefined
  readonly problem?: string | undefined
  readonly sealed?: boolean | undefined
}

/** Keeps chunks for as long as the process runs. */
export function memoryHome(): Home {
  let kept: readonly Uint8Array[] = []
  return {
    path: null,
    open: () => Promise.resolve({}),
    read: async function* read() {
      yield* kept
    },
    write: async (chunks) => {
      const next: Uint8Array[] = []
      for await (const chunk of chunks) next.push(chunk)
      kept = next
    },
  }
}
