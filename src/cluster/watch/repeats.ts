import type { Trouble } from './trouble.ts'

/** How often in a row before everything is listed anew. */
const TWICE = 2
const MOST = 16

/** Counts trouble that comes again and again at the same place. */
export class Repeats {
  #trouble: Trouble | undefined
  #version: string | undefined
  #count = 0
  /** A server that sends no bookmarks is silent where nothing happens: each list that finds nothing changed allows for more of that. */
  #silences = TWICE

  /** Counts trouble at a version; whether it came often enough. */
  count(trouble: Trouble, version: string | undefined): boolean {
    this.#count = trouble === this.#trouble && version === this.#version ? this.#count + 1 : 1
    this.#trouble = trouble
    this.#version = version
    return this.#count >= (trouble === 'silence' ? this.#silences : TWICE)
  }

  /** Everything was listed: what comes now comes for the first time. */
  listed(): void {
    this.#trouble = undefined
  }

  /** The silence was no sign of anything. */
  silenceIsNormal(): void {
    this.#silences = Math.min(MOST, this.#silences * 2)
  }

  /** The server does send bookmarks. */
  silenceIsNot(): void {
    this.#silences = TWICE
  }
}
