import { didYouMean, quote, type Issue } from '../util/issues.ts'
import { byKeys } from '../util/order.ts'
import { circles } from './inhibits.ts'
import { problemAt, type Problem, type SoundFile } from './rule-file.ts'

/**
 * What is wrong with rules that are sound by themselves beside each other. Of two of one id the later one is refused, of rules in a circle
 * the one with the last name of a file; those that are `known` come before all others.
 * `ids` are all that an inhibition may name; of what is known that is not asked, since what it named was there once.
 */
export function conflicts(
  files: readonly SoundFile[],
  ids: ReadonlySet<string>,
  known: { readonly has: (file: string) => boolean },
): Problem[] {
  const problems: Problem[] = []
  const keep = (list: readonly SoundFile[], issuesOf: (one: SoundFile) => readonly Issue[]): SoundFile[] =>
    list.filter((one) => {
      const found = issuesOf(one)
      problems.push(...found.map((issue) => problemAt(one, issue)))
      return found.length === 0
    })
  const first = new Map(files.toReversed().map((one) => [one.draft.rule.id, one]))
  const single = keep(files, (one) => duplicateOf(one, first.get(one.draft.rule.id)))
  const linked = keep(single, (one) => (known.has(one.file) ? [] : unknownInhibits(one, ids)))
  const inOrder = linked.toSorted(byKeys(({ file, draft }) => [known.has(file) ? 'known' : 'new', file, draft.rule.id]))
  const ways = new Map(circles(inOrder.map(({ draft }) => draft.rule)).map(({ rule, way }) => [rule, way]))
  keep(linked, ({ draft }) => circleOf(ways.get(draft.rule.id)))
  return problems
}

/** The rules that a file names as inhibited and that nobody knows. */
export const unknownInhibits = ({ draft }: SoundFile, ids: ReadonlySet<string>): Issue[] =>
  draft.rule.inhibits.flatMap(({ rule }, index) =>
    ids.has(rule)
      ? []
      : {
          path: ['inhibits', index, 'rule'],
          key: false,
          message: `unknown rule ${quote(rule)}${didYouMean(rule, ids)}`,
        },
  )

function duplicateOf({ draft, file }: SoundFile, first: SoundFile | undefined): Issue[] {
  if (first === undefined || first.file === file) return []
  return [{ path: ['id'], key: false, message: `the id "${draft.rule.id}" is already that of ${first.file}` }]
}

function circleOf(way: readonly string[] | undefined): Issue[] {
  if (way === undefined) return []
  return [{ path: ['inhibits'], key: true, message: `inhibits in a circle: ${way.join(' → ')}` }]
}
