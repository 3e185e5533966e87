/** What `GET /recommendations?since=` answers, as far as it is read here. */
interface Changes {
  readonly revision: string
  readonly items: readonly {
    readonly state: string
    readonly rule: { readonly id: string }
    readonly target: { readonly name: string }
  }[]
}

/** Waits at the API for changes, as a tool would, and notes when each target was first told to have a finding. */
export class Poller {
  /** By `rule target`, in milliseconds since 1970. */
  readonly seen = new Map<string, number>()
  readonly #api: string
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(api: string) {
    this.#api = api
  }

  async start(): Promise<void> {
    const { revision } = await this.#ask('limit=1')
    this.#running = this.#follow(revision)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #follow(from: string): Promise<void> {
    let revision = from
    try {
      while (!this.#stop.signal.aborted) {
        const changes = await this.#ask(`since=${revision}&wait=30s`)
        this.#note(changes)
        revision = changes.revision
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error
    }
  }

  #note({ items }: Changes): void {
    const now = Date.now()
    for (const { state, rule, target } of items) {
      const key = `${rule.id} ${target.name}`
      if (state === 'firing' && !this.seen.has(key)) this.seen.set(key, now)
    }
  }

  async #ask(query: string): Promise<Changes> {
    const answer = await fetch(`${this.#api}/recommendations?${query}`, { signal: this.#stop.signal })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Changes
  }
}
