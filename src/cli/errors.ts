import { CommanderError } from 'commander'
import { plainText, truncate } from '../util/text.ts'
import { EXIT, UsageError, type Console, type FileProblem } from './services.ts'

const LONGEST = 500

/** One mistake is a line or two; a file can hold many. */
const SCREENFUL = 20

/** A text that may hold anything, made fit for one line of a terminal. */
export const oneLine = (text: string): string =>
  truncate(
    plainText(text.slice(0, 4 * LONGEST))
      .toWellFormed()
      .replaceAll(/\s+/g, ' ')
      .trim(),
    LONGEST,
  )

/** Says what went wrong, on one line or with the way out on a second, and gives the exit code for it. */
export function report(error: unknown, io: Console, at: { name: string; help: string }): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
  if (error instanceof CommanderError) return usage(commanderMessage(error), io, at)
  if (error instanceof UsageError) return say(error, io, { ...at, code: EXIT.usage })
  return say(error, io, { ...at, code: EXIT.failed })
}

function usage(message: string, io: Console, { name, help }: { name: string; help: string }): number {
  if (message !== '') io.error(`${name}: ${message}\n\`${help}\` shows what there is\n`)
  return EXIT.usage
}

function say(error: unknown, io: Console, { name, code }: { name: string; code: number }): number {
  const message = error instanceof Error ? error.message : String(error)
  const lines = message.split('\n').map(oneLine).filter(Boolean)
  const more = lines.length > SCREENFUL ? [`and ${lines.length - SCREENFUL} more`] : []
  io.error(`${name}: ${[...lines.slice(0, SCREENFUL), ...more].join('\n') || 'it failed without saying why'}\n`)
  return code
}

// Commander says `error:` in front and puts its suggestion on a line of its own; of a wrong value it says both what is wrong and what it is.
function commanderMessage({ code, message }: CommanderError): string {
  if (code === 'commander.help') return ''
  return oneLine(message.replace(/^error: /, '').replace(/ is invalid\. /, ': '))
}

/** `file:line:column: message`, as compilers say it. */
export const problemLine = ({ file, line, column, message }: FileProblem): string =>
  `${oneLine(file)}:${line}:${column}: ${oneLine(message)}`
