const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Where the long list of a document stands. */
export interface ListPlace {
  /** How many objects it is in. */
  readonly depth: number
  /** What stands right before its bracket. */
  readonly key: RegExp
}

// A key ends right before its bracket; with a backslash before the quote it would be the end of a longer key.
const ITEMS: ListPlace = { depth: 1, key: /(?:^|[^\\])"items"\s*:\s*$/ }
const LONGEST_KEY = 64

/**
 * Reads a JSON object with a long list (under its key `items`, unless told otherwise) while the bytes arrive. Each object of that list is
 * parsed on its own and handed on, so that neither the whole text nor the whole list is ever held, and no call takes longer than its own bytes do.
 */
export class JsonListReader {
  readonly #onItem: (item: unknown) => void
  readonly #place: ListPlace
  /** The document without its items, each of which stands there as `0`; one character for each byte. */
  #rest = ''
  /** The bytes so far of the item that is being read. */
  #item: Uint8Array[] | undefined
  #depth = 0
  #inItems = false
  #inString = false
  #escaped = false

  constructor(onItem: (item: unknown) => void, place = ITEMS) {
    this.#onItem = onItem
    this.#place = place
  }

  /** @throws SyntaxError when an item is not JSON, and whatever the handler of items throws. */
  write(chunk: Uint8Array): void {
    let kept = 0
    for (let at = 0; at < chunk.length; at++) {
      if (this.#inString) at = this.#skipString(chunk, at)
      const byte = chunk[at]
      if (byte === QUOTE) this.#inString = true
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) kept = this.#open(chunk, kept, at)
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) kept = this.#close(chunk, kept, at)
    }
    this.#keep(chunk.subarray(kept))
  }

  /**
   * The document without its items.
   * @throws SyntaxError when the text is cut off or is not JSON.
   */
  end(): unknown {
    if (this.#depth > 0 || this.#inString) throw new SyntaxError('the JSON text is cut off')
    return JSON.parse(Buffer.from(this.#rest, 'latin1').toString())
  }

  /** Where the first byte after the string stands. */
  #skipString(chunk: Uint8Array, from: number): number {
    let at = from
    let escaped = this.#escaped
    for (; at < chunk.length && (escaped || chunk[at] !== QUOTE); at++) escaped = !escaped && chunk[at] === BACKSLASH
    this.#escaped = escaped
    this.#inString = at === chunk.length
    return at + 1
  }

  #open(chunk: Uint8Array, kept: number, at: number): number {
    const depth = this.#depth++
    if (depth === this.#place.depth && chunk[at] === OPEN_BRACKET) {
      this.#keep(chunk.subarray(kept, at))
      this.#inItems = this.#place.key.test(this.#rest.slice(-LONGEST_KEY))
      return at
    }
    if (!this.#inItems || depth !== this.#place.depth + 1 || chunk[at] !== OPEN_BRACE) return kept
    this.#keep(chunk.subarray(kept, at))
    this.#rest += '0'
    this.#item = []
    return at
  }

  #close(chunk: Uint8Array, kept: number, at: number): number {
    const depth = --this.#depth
    if (depth === this.#place.depth) this.#inItems = false
    if (depth !== this.#place.depth + 1 || this.#item === undefined) return kept
    const bytes = [...this.#item, chunk.subarray(kept, at + 1)]
    this.#item = undefined
    this.#onItem(JSON.parse(Buffer.concat(bytes).toString()))
    return at + 1
  }

  #keep(bytes: Uint8Array): void {
    if (this.#item !== undefined) this.#item.push(bytes)
    else this.#rest += Buffer.from(bytes).toString('latin1')
  }
}
