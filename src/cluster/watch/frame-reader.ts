import { isBinary } from '../encoded.ts'
import { readBinaryFrame, readFrame, type Frame } from './frame.ts'
import { WatchError } from './trouble.ts'

/** Cuts a stream of bytes into pieces, wherever the bytes themselves were cut. */
export interface Cutter<T> {
  /**
   * The pieces that end in this chunk.
   * @throws WatchError when one is too long; it would have to be held whole.
   */
  write(chunk: Uint8Array): T[]
  /** What is left when the stream has ended; `undefined` when that is nothing. */
  end(): T | undefined
}

/** A frame that is there and not read yet. @throws WatchError, StatusError as the readers of frames do; `now` is in milliseconds. */
type Unread = (now: number) => Frame

/** How the frames of an answer are cut and read, as the server says that it writes them; `longest` in bytes. */
export function framing(contentType: string | undefined, longest: number): Cutter<Unread> {
  return isBinary(contentType)
    ? cutting(new LengthReader(longest), readBinaryFrame)
    : cutting(new LineReader(longest), readFrame)
}

function cutting<T>(cutter: Cutter<T>, read: (piece: T, now: number) => Frame): Cutter<Unread> {
  const unread =
    (piece: T): Unread =>
    (now) =>
      read(piece, now)
  return {
    write: (chunk) => cutter.write(chunk).map(unread),
    end: () => {
      const rest = cutter.end()
      return rest === undefined ? undefined : unread(rest)
    },
  }
}

const tooLong = (): WatchError => new WatchError('frame', 'a frame is too long')

/** Bytes of a piece that has not ended. */
class Begun {
  readonly #longest: number
  #parts: Uint8Array[] = []
  length = 0

  constructor(longest: number) {
    this.#longest = longest
  }

  keep(bytes: Uint8Array): void {
    this.length += bytes.length
    if (this.length > this.#longest) throw tooLong()
    if (bytes.length > 0) this.#parts.push(bytes)
  }

  take(): Buffer {
    const [first, second] = this.#parts
    // Nearly every piece lies in one chunk.
    const whole =
      first && !second
        ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
        : Buffer.concat(this.#parts, this.length)
    this.#parts = []
    this.length = 0
    return whole
  }
}

const NEWLINE = 0x0a

/** Lines, without those that are empty. */
export class LineReader implements Cutter<string> {
  readonly #begun: Begun

  /** `longest` in bytes. */
  constructor(longest: number) {
    this.#begun = new Begun(longest)
  }

  write(chunk: Uint8Array): string[] {
    const lines: string[] = []
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#begun.keep(chunk.subarray(from, end))
      const line = this.end()
      if (line !== undefined) lines.push(line)
      from = end + 1
    }
    this.#begun.keep(chunk.subarray(from))
    return lines
  }

  end(): string | undefined {
    const line = this.#begun.take().toString().trim()
    return line === '' ? undefined : line
  }
}

/** The bytes of a number that says how many follow. */
const HEAD = 4

/** Pieces before each of which stands its length. */
export class LengthReader implements Cutter<Buffer> {
  readonly #longest: number
  readonly #begun: Begun
  /** How long the piece is that has begun; `undefined` while that is not known. */
  #length: number | undefined

  /** `longest` in bytes. */
  constructor(longest: number) {
    this.#longest = longest
    this.#begun = new Begun(longest + HEAD)
  }

  write(chunk: Uint8Array): Buffer[] {
    const pieces: Buffer[] = []
    let from = 0
    while (from < chunk.length) {
      const missing = (this.#length ?? HEAD) - this.#begun.length
      const part = chunk.subarray(from, from + missing)
      this.#begun.keep(part)
      from += part.length
      if (part.length === missing) this.#ended(pieces)
    }
    return pieces
  }

  #ended(pieces: Buffer[]): void {
    const bytes = this.#begun.take()
    if (this.#length !== undefined) {
      pieces.push(bytes)
      this.#length = undefined
      return
    }
    const length = bytes.readUInt32BE(0)
    if (length > this.#longest) throw tooLong()
    if (length > 0) this.#length = length
  }

  end(): Buffer | undefined {
    const cut = this.#length !== undefined || this.#begun.length > 0
    this.#length = undefined
    const rest = this.#begun.take()
    return cut ? rest : undefined
  }
}
