import { setTimeout } from 'node:timers/promises'
import type { FindingView } from '../../src/sinks/envelope.ts'
import type { Changes, Published } from '../../src/sinks/published.ts'
import type { DaemonProcess } from './daemon-process.ts'

/** One finding as it was told at a time, in milliseconds; `undefined` once it is gone. */
export interface Entry {
  readonly at: number
  /** How many daemons were followed before this one. */
  readonly life: number
  readonly id: string
  readonly finding: FindingView | undefined
}

/** Polls `GET /recommendations` by revision, as tooling does, and notes every change with its time. */
export class ChangeLog {
  readonly entries: Entry[] = []
  readonly #concerns: (finding: FindingView) => boolean
  readonly #current = new Map<string, FindingView>()
  #life = -1

  /** Notes only findings that are of interest. */
  constructor(concerns: (finding: FindingView) => boolean) {
    this.#concerns = concerns
  }

  /** The findings as they were last told. */
  get current(): readonly FindingView[] {
    return [...this.#current.values()]
  }

  /** Follows a daemon until it ends. Done after the first list of all there is. */
  async follow(daemon: DaemonProcess): Promise<void> {
    this.#life++
    let { complete, revision, items } = await this.#list(daemon)
    while (!complete) {
      await setTimeout(200)
      ;({ complete, revision, items } = await this.#list(daemon))
    }
    const listed = new Set(items.map(({ id }) => id))
    for (const id of this.#current.keys()) if (!listed.has(id)) this.#note(id, undefined)
    this.#noteAll(items)
    void this.#poll(daemon, revision)
  }

  /** What was told of one finding, in order. */
  of(id: string): Entry[] {
    return this.entries.filter((entry) => entry.id === id)
  }

  /** Waits until the findings are as they should be; whether they were within so many milliseconds. */
  async until(isThere: (findings: readonly FindingView[]) => boolean, within: number): Promise<boolean> {
    const deadline = Date.now() + within
    while (!isThere(this.current)) {
      if (Date.now() > deadline) return false
      await setTimeout(500)
    }
    return true
  }

  async #list(daemon: DaemonProcess): Promise<Published> {
    const { text } = await daemon.get('/recommendations?limit=1000')
    const published = JSON.parse(text) as Published
    if (published.next !== null) throw new Error('more findings than one page holds')
    return published
  }

  async #poll(daemon: DaemonProcess, from: string): Promise<void> {
    let revision = from
    while (daemon.alive) {
      const answer = await daemon.get(`/recommendations?since=${revision}&wait=30s`).catch(() => undefined)
      if (!answer) continue
      if (answer.status !== 200) throw new Error(`since ${revision}: ${answer.status} ${answer.text}`)
      const changes = JSON.parse(answer.text) as Changes
      for (const { id } of changes.tombstones) if (this.#current.has(id)) this.#note(id, undefined)
      this.#noteAll(changes.items)
      revision = changes.revision
    }
  }

  #noteAll(findings: readonly FindingView[]): void {
    for (const finding of findings) if (this.#concerns(finding)) this.#note(finding.id, finding)
  }

  #note(id: string, finding: FindingView | undefined): void {
    this.entries.push({ at: Date.now(), life: this.#life, id, finding })
    if (finding) this.#current.set(id, finding)
    else this.#current.delete(id)
  }
}
