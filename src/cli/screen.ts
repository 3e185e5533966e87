import type { Console } from './services.ts'

const CONTROL = '\u001B['
const OTHER_SCREEN = `${CONTROL}?1049h${CONTROL}?25l`
const OWN_SCREEN = `${CONTROL}?25h${CONTROL}?1049l`
// A terminal that knows these shows what stands between them at once; others leave them out.
const BEGIN = `${CONTROL}?2026h${CONTROL}H`
const END = `${CONTROL}J${CONTROL}?2026l`
const TO_THE_END = `${CONTROL}K`

/** The whole of a terminal, drawn over and over in place. What was on it before comes back when it is closed. */
export class Screen {
  readonly #io: Console
  #open = false
  #drawn = ''

  constructor(io: Console) {
    this.#io = io
  }

  open(): void {
    this.#open = true
    this.#io.out(OTHER_SCREEN)
  }

  /** Shows lines of which none is wider than the terminal; those that do not fit below each other are left out. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return
    const text = lines
      .slice(0, this.#io.terminal.rows)
      .map((line) => `${line}${TO_THE_END}`)
      .join('\r\n')
    if (text === this.#drawn) return
    this.#drawn = text
    this.#io.out(`${BEGIN}${text}${END}`)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#io.out(OWN_SCREEN)
  }
}
