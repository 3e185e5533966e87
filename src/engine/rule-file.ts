import type { Issue } from '../util/issues.ts'
import { parseJson, type JsonDocument, type JsonLimits, type Position } from '../util/json.ts'
import { draftRule, type Draft, type Drafted, type Names } from './draft.ts'
import { renderText } from './render.ts'

export interface RuleText {
  /** How the file is called in messages, and its place in the order of files. */
  readonly file: string
  readonly text: string
}

/** Something wrong with a rule file: what, and where. */
export interface Problem extends Position {
  readonly file: string
  readonly message: string
}

/** A rule file as it was read by itself, without a look at the others. */
export interface ReadFile {
  readonly file: string
  readonly text: string
  /** Every id that it claims, sound or not: naming a rule that is only broken today is no fault. */
  readonly claims: readonly string[]
  readonly draft: Draft | undefined
  readonly problems: readonly Problem[]
}

/** A file whose rule is sound by itself. */
export type SoundFile = ReadFile & { readonly draft: Draft }

export const isSound = (read: ReadFile): read is SoundFile => read.draft !== undefined

export const LIMITS: JsonLimits = { text: 2 ** 20, depth: 64, string: 4096, list: 1000 }
const MOST_PROBLEMS = 20
const MOST_FILES = 1000

/** Reads one rule file; every fault is named, with its place. */
export async function readRuleFile({ file, text }: RuleText, names: Names): Promise<ReadFile> {
  const parsed = parseRuleText(text)
  const stem = stemOf(file)
  if ('faults' in parsed) {
    const problems = parsed.faults.slice(0, MOST_PROBLEMS).map((fault) => ({ file, ...fault }))
    return { file, text, claims: [stem], draft: undefined, problems }
  }
  await names.pause?.()
  const { id, draft, issues } = await draftSafely(parsed.value, file, names)
  const claims = id === undefined ? [stem] : [stem, id]
  return { file, text, claims, draft, problems: issues.slice(0, MOST_PROBLEMS).map(placed(file, parsed)) }
}

/** Something that is wrong with a file that could be read, with its place. */
export function problemAt({ file, text }: RuleText, issue: Issue): Problem {
  const parsed = parseRuleText(text)
  return 'faults' in parsed ? { file, line: 1, column: 1, message: issue.message } : placed(file, parsed)(issue)
}

/**
 * The files that are read at all: those that are `held` already, and of the others as many as there is room for; with what is said of
 * the rest.
 */
export function admitted<F extends { readonly file: string }>(
  files: readonly F[],
  held: { readonly has: (file: string) => boolean },
): { readonly files: readonly F[]; readonly problems: readonly Problem[] } {
  if (files.length <= MOST_FILES) return { files, problems: [] }
  let room = MOST_FILES - files.filter(({ file }) => held.has(file)).length
  const read = files.filter(({ file }) => held.has(file) || room-- > 0)
  const left = new Set(files).difference(new Set(read))
  const [first] = left
  if (first === undefined) return { files: read, problems: [] }
  const message = `at most ${MOST_FILES} rule files are read: this one and ${left.size - 1} others are left out`
  return { files: read, problems: [{ file: first.file, line: 1, column: 1, message }] }
}

const parseRuleText = (text: string): ReturnType<typeof parseJson> =>
  parseJson(text.startsWith('\uFEFF') ? text.slice(1) : text, LIMITS)

const placed =
  (file: string, document: JsonDocument) =>
  ({ path, key, message }: Issue): Problem => ({
    file,
    ...(key ? document.atKey(path) : document.at(path)),
    message,
  })

/** What fails on one file in a way that nobody foresaw must not take the other files down. */
async function draftSafely(value: unknown, file: string, names: Names): Promise<Drafted> {
  try {
    return await draftRule(value, file, names)
  } catch (error) {
    const message = `dogwatch failed on this rule: ${renderText(error instanceof Error ? error.message : String(error))}`
    return { issues: [{ path: [], key: false, message }] }
  }
}

/** The name of a file without its directory. */
export const baseName = (file: string): string =>
  file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)

/** `rules/crash-loop.json` is the home of `crash-loop`. */
export const stemOf = (file: string): string => baseName(file).replace(/\.json$/, '')
