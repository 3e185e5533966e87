import type { Severity } from '../engine/rule.ts'
import { problemLine } from './errors.ts'
import { plural } from './render/words.ts'
import { isAtLeast } from './options.ts'
import { EXIT, type Console, type FileProblem, type ScanResult } from './services.ts'

/** Says what stood in the way of a result, on the error output: it must not get between what a tool reads. */
export function tellProblems(
  io: Console,
  { problems, hints = [] }: { problems: readonly FileProblem[]; hints?: readonly string[] },
): void {
  for (const problem of problems) io.error(`${problemLine(problem)}\n`)
  if (problems.length > 0) io.error(`${plural(filesOf(problems), 'rule file')} left out; everything else goes on.\n`)
  for (const hint of hints) io.error(`hint: ${hint}\n`)
}

/** How many files have a problem. */
export const filesOf = (problems: readonly FileProblem[]): number => new Set(problems.map(({ file }) => file)).size

/** The exit code of a look: findings count first, then what could not be read. */
export function exitOf({ envelope, problems }: ScanResult, failOn?: Severity): number {
  const counted = envelope.items.some(
    ({ state, severity }) =>
      failOn !== undefined && (state === 'firing' || state === 'pending') && isAtLeast(severity, failOn),
  )
  if (counted) return EXIT.findings
  return envelope.complete && problems.length === 0 ? EXIT.done : EXIT.incomplete
}
