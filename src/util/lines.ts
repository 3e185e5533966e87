const NEWLINE = 0x0a

/** A line that is longer than whoever reads is ready for. */
export class LongLineError extends Error {}

/**
 * The lines of a stream of bytes, without the white space around them; the last one may have no end. A line ends at a line feed and
 * nowhere else: U+2028, where `node:readline` ends one too, stands in JSON as it is.
 * @throws LongLineError at a line of more than `longest` bytes.
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<string> {
  let begun: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield textOf([...begun, chunk.subarray(from, end)])
      begun = []
      size = 0
      from = end + 1
    }
    begun.push(chunk.subarray(from))
    size += chunk.length - from
    if (size > longest) throw new LongLineError('a line is too long')
  }
  if (size > 0) yield textOf(begun)
}

const textOf = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString().trim()
