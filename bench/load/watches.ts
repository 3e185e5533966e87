import type { ServerResponse } from 'node:http'
import { isAsked, type Question } from './question.ts'
import { send } from './send.ts'
import { ABSENT } from './slot.ts'
import { streamForm, type StreamForm } from './stream.ts'
import { slotOf, type Snapshot, type World } from './world.ts'

const SECOND_MS = 1000
const BOOKMARK_MS = 60_000
const MANY = 1000

/** What is to happen to open watches. */
export type Trouble = 'end' | 'reset' | 'expire' | 'truncate' | 'garble'

/** Streams of changes. A client that is slow is sent to at its own pace, and when it falls out of what is remembered it is told so. */
export class Watches {
  readonly #world: World
  readonly #open = new Set<Watch>()

  constructor(world: World) {
    this.#world = world
  }

  get count(): number {
    return this.#open.size
  }

  async answer(question: Question, response: ServerResponse): Promise<void> {
    const watch = new Watch(this.#world, question, response)
    this.#open.add(watch)
    await watch.run().finally(() => this.#open.delete(watch))
  }

  /** Does this to all that are open. @returns how many that were. */
  trouble(kind: Trouble): number {
    for (const watch of this.#open) watch.trouble(kind)
    return this.#open.size
  }

  /** Sends nothing more, until told to go on. */
  stall(stalled: boolean): number {
    for (const watch of this.#open) watch.stall(stalled)
    return this.#open.size
  }
}

class Watch {
  readonly #world: World
  readonly #question: Question
  readonly #response: ServerResponse
  readonly #form: StreamForm
  #cursor: number
  #wake = (): void => undefined
  #stalled = false
  #bookmarkAt = performance.now() + BOOKMARK_MS

  constructor(world: World, question: Question, response: ServerResponse) {
    this.#world = world
    this.#question = question
    this.#response = response
    this.#form = streamForm(question.accept)
    this.#cursor = Number(question.query.get('resourceVersion') ?? 0) || world.rv
  }

  async run(): Promise<void> {
    const { query } = this.#question
    const timeout = Number(query.get('timeoutSeconds') ?? 300) * SECOND_MS
    const cancel = this.#world.onChange(() => this.#wake())
    const timer = setInterval(() => this.#wake(), SECOND_MS)
    this.#response.writeHead(200, { 'content-type': this.#form.contentType })
    this.#response.flushHeaders()
    this.#response.on('close', () => this.#wake())
    try {
      if (query.get('sendInitialEvents') === 'true') await this.#initial()
      await this.#follow(performance.now() + timeout)
    } finally {
      clearInterval(timer)
      cancel()
      this.#response.end()
    }
  }

  trouble(kind: Trouble): void {
    if (kind === 'reset') this.#response.destroy()
    if (kind === 'expire') this.#response.end(this.#form.expired, 'latin1')
    if (kind === 'truncate') this.#response.end(this.#form.truncated, 'latin1')
    if (kind === 'garble') this.#response.write(this.#form.garbled, 'latin1')
    if (kind === 'end') this.#response.end()
    this.#wake()
  }

  stall(stalled: boolean): void {
    this.#stalled = stalled
    this.#wake()
  }

  async #initial(): Promise<void> {
    const snapshot = this.#world.snapshot(this.#question.kind.resource)
    this.#cursor = snapshot.rv
    await send(this.#response, this.#everything(snapshot))
  }

  *#everything({ rv, columns }: Snapshot): Generator<string> {
    const { kind } = this.#question
    for (let index = 0; index < kind.count; index++)
      if (columns.state[index] !== ABSENT && isAsked(this.#question, index))
        yield this.#form.event('ADDED', kind, kind.render(slotOf(columns, index), this.#form.form))
    yield this.#form.bookmark(kind, rv, true)
  }

  async #follow(until: number): Promise<void> {
    while (!this.#response.writableEnded && !this.#response.destroyed && performance.now() < until) {
      if (this.#stalled || this.#cursor === this.#world.rv) await this.#change()
      else if (this.#cursor < this.#world.oldest) return void this.#response.end(this.#form.expired, 'latin1')
      else if (!(await send(this.#response, this.#changes()))) return
      if (!this.#stalled && performance.now() > this.#bookmarkAt) await this.#remind()
    }
  }

  async #remind(): Promise<void> {
    this.#bookmarkAt = performance.now() + BOOKMARK_MS
    await send(this.#response, [this.#form.bookmark(this.#question.kind, this.#cursor, false)])
  }

  // Not too many at a time: bookmarks and the end are due between.
  *#changes(): Generator<string> {
    const { kind } = this.#question
    const last = Math.min(this.#world.rv, this.#cursor + MANY)
    while (this.#cursor < last) {
      const change = this.#world.changeAt(this.#cursor + 1)
      if (change === undefined) return
      this.#cursor++
      if (change.kind === kind && isAsked(this.#question, change.index))
        yield this.#form.event(change.type, kind, kind.render(change, this.#form.form))
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
