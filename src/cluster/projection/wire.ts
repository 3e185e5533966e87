import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** The number of a field in a message, with how its value is written: the one eight times, the other added. */
export type Tag = number

/** The number of the field that a tag stands before. */
export const fieldOf = (tag: Tag): number => tag >>> 3
const typeOf = (tag: Tag): WireType => tag & 7

// Written as a method, so that whoever reads any value may stand where values of one type are read.
interface Reads<T> {
  read(reader: WireReader, tag: Tag, before?: T): T | undefined
}

/** Reads one more occurrence of a field; `before` is what the occurrences until now came to. */
export type Wire<T> = Reads<T>['read']

/** The highest bit of a byte says that the number goes on. */
const CONTINUED = 0x80

/**
 * Reads the binary form of objects, the one that the API server keeps them in (`application/vnd.kubernetes.protobuf`). Of most fields only
 * the length is read. What is no such form is a `TypeError` or a `RangeError`.
 */
export class WireReader {
  readonly #bytes: Buffer
  readonly #reader: BinaryReader
  /** Where the message ends that is being read. */
  #end: number

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#reader = new BinaryReader(bytes)
    this.#end = bytes.length
  }

  /** Where the next byte stands. */
  get place(): number {
    return this.#reader.pos
  }

  /** Goes back to a place in the message that is being read. */
  back(place: number): void {
    this.#reader.pos = place
  }

  text(tag: Tag): string {
    const to = this.#span(tag)
    const from = this.#reader.pos
    this.#reader.pos = to
    return this.#bytes.toString('utf8', from, to)
  }

  /** Bytes as they are, which are those that are being read. */
  bytes(tag: Tag): Buffer {
    const to = this.#span(tag)
    const from = this.#reader.pos
    this.#reader.pos = to
    return this.#bytes.subarray(from, to)
  }

  /** A whole number of 32 or 64 bits, signed. */
  whole(tag: Tag): number {
    if (typeOf(tag) !== WireType.Varint) throw mistyped(tag)
    return this.#small() ?? Number(this.#reader.int64())
  }

  /** Goes into a message; what it gives is for `leave`. */
  enter(tag: Tag): number {
    const outer = this.#end
    this.#end = this.#span(tag)
    return outer
  }

  /** Whether there is more in the message that is being read. */
  get isWithin(): boolean {
    return this.#reader.pos < this.#end
  }

  leave(outer: number): void {
    if (this.#reader.pos > this.#end) throw tooLong()
    this.#end = outer
  }

  /** Reads each field of a message that `visit` reads, for which it gives `true`, and steps over the others. */
  message(tag: Tag, visit: (tag: Tag) => boolean): void {
    const outer = this.enter(tag)
    this.fields(visit)
    this.leave(outer)
  }

  /** The same for the fields up to the end of this message. */
  fields(visit: (tag: Tag) => boolean): void {
    while (this.isWithin) {
      const tag = this.tag()
      if (!visit(tag)) this.skip(tag)
    }
    if (this.#reader.pos > this.#end) throw tooLong()
  }

  tag(): Tag {
    return this.#small() ?? this.#reader.uint32()
  }

  /** Steps over a value. */
  skip(tag: Tag): void {
    if (typeOf(tag) === WireType.LengthDelimited) this.#reader.pos = this.#span(tag)
    else this.#reader.skip(typeOf(tag), fieldOf(tag))
  }

  /** Whether the same field follows; stands at its value then. */
  next(tag: Tag): boolean {
    const place = this.#reader.pos
    if (this.isWithin && this.tag() === tag) return true
    this.#reader.pos = place
    return false
  }

  /**
   * Steps over this occurrence of a field and those that follow at once. Gives their bytes, each as one character: to be compared, not to be
   * read. Of fields of these messages that are `unread` there is only how long they are, so that no bytes can be taken for others.
   */
  run(tag: Tag, unread: readonly number[]): string {
    let key = ''
    let from = this.#reader.pos
    do {
      if (unread.length === 0) this.skip(tag)
      else
        this.message(tag, (part) => {
          if (!unread.includes(fieldOf(part))) return false
          const begins = this.#reader.pos
          this.skip(part)
          key += `${this.#key(from, begins)}${this.#reader.pos - begins} `
          from = this.#reader.pos
          return true
        })
    } while (this.next(tag))
    return key + this.#key(from, this.#reader.pos)
  }

  #key(from: number, to: number): string {
    return this.#bytes.toString('latin1', from, to)
  }

  // Nearly all numbers are of one byte.
  #small(): number | undefined {
    const first = this.#bytes[this.#reader.pos] ?? CONTINUED
    if (first >= CONTINUED) return undefined
    this.#reader.pos++
    return first
  }

  /** Where a value ends that says its length; stands at its first byte then. */
  #span(tag: Tag): number {
    if (typeOf(tag) !== WireType.LengthDelimited) throw mistyped(tag)
    const length = this.#small() ?? this.#reader.uint32()
    const to = this.#reader.pos + length
    if (to > this.#end) throw tooLong()
    return to
  }
}

const mistyped = (tag: Tag): TypeError => new TypeError(`field ${fieldOf(tag)} is written as something else`)
const tooLong = (): RangeError => new RangeError('a field is longer than its message')
