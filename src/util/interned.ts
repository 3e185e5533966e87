/** Gives for equal texts one and the same, so that what many say is kept once. */
export class Interned {
  readonly #most: number
  readonly #texts = new Map<string, string>()

  /** `most`: different texts that are remembered; then it begins anew, and only what comes later is not shared with what came before. */
  constructor(most: number) {
    this.#most = most
  }

  of(text: string): string {
    const same = this.#texts.get(text)
    if (same !== undefined) return same
    if (this.#texts.size >= this.#most) this.#texts.clear()
    this.#texts.set(text, text)
    return text
  }
}
