import type { Issue } from '../util/issues.ts'
import { canonicalJson, sha256 } from '../util/hash.ts'
import { isAcksFile, readAcks, type Ack } from './acks.ts'
import { conflicts, unknownInhibits } from './conflicts.ts'
import type { Names } from './draft.ts'
import { Disabled } from './evaluate.ts'
import { checkedOverrides, finish, namesOf, type LoadOptions, type RuleSet } from './loader.ts'
import type { Override } from './overrides.ts'
import {
  admitted,
  isSound,
  problemAt,
  readRuleFile,
  stemOf,
  type Problem,
  type ReadFile,
  type RuleText,
  type SoundFile,
} from './rule-file.ts'
import type { CompiledRule, DisabledRule } from './rule.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A rule file as it is now, or why it cannot be read. */
export type ShelfFile = RuleText | { readonly file: string; readonly fault: string }

export interface ShelfProblem extends Problem {
  /** Whether the last good content of this file stays in force. */
  readonly kept: boolean
}

/** The rules in force after a load, and what is different from before. Ids are in the order of their files. */
export interface Shelved extends RuleSet {
  readonly problems: readonly ShelfProblem[]
  /** Of all rules and acknowledgements in force; the same when they are. */
  readonly version: string
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

interface Held {
  readonly read: SoundFile
  readonly compiled: CompiledRule
  readonly disabled: Disabled
}

interface HeldAcks {
  readonly acks: readonly Ack[]
  readonly problems: readonly ShelfProblem[]
}

/**
 * Rules over time. A file that turns bad keeps its own last good content in force, alone or beside the others, and the other files go
 * live; a file that is gone takes its rule away. A rule that is the same as before stays the same object, so that what is known of it lives on.
 */
export class RuleShelf {
  readonly #names: Names
  readonly #overrides: readonly Override[]
  readonly #pause: () => Promise<void>
  #held: ReadonlyMap<string, Held> = new Map()
  #acks: ReadonlyMap<string, HeldAcks> = new Map()
  /** What was read the last time, sound or not, by file. */
  #read: ReadonlyMap<string, ReadFile> = new Map()

  constructor(vocabulary: Vocabulary, options: LoadOptions = {}) {
    this.#names = namesOf(vocabulary, options)
    this.#overrides = options.overrides ?? []
    this.#pause = options.pause ?? (() => Promise.resolve())
  }

  /** Puts in force what these files say. They are all there are, those of greater weight first. One load at a time. */
  async load(files: readonly ShelfFile[]): Promise<Shelved> {
    const { files: present, problems: beyond } = admitted(
      files.filter((file) => !isAcksFile(file)),
      this.#held,
    )
    const read: ReadFile[] = []
    for (const file of present) {
      read.push(await this.#readFile(file))
      await this.#pause()
    }
    const ids = new Set(read.flatMap(({ claims }) => claims))
    const { chosen, clashes } = this.#settle(read, ids)
    const sound = checkedOverrides(this.#overrides, [...chosen.values()], ids)
    const acks = new Map(files.filter(isAcksFile).map((file) => [file.file, this.#readAcks(file)]))
    const before = this.#held
    this.#read = new Map(read.map((one) => [one.file, one]))
    this.#acks = acks
    this.#held = this.#compile(chosen, sound.sound)
    const said = [...beyond, ...read.flatMap(({ problems }) => problems), ...clashes]
    const stale = [...chosen.values()].flatMap((one) => this.#stale(one, ids, said))
    return {
      ...shelved(this.#held, before),
      ...acksOf(acks),
      version: versionOf(this.#held, acks),
      problems: [
        ...[...said, ...stale].map((problem) => ({ ...problem, kept: this.#held.has(problem.file) })),
        ...[...acks.values()].flatMap(({ problems }) => problems),
      ],
      overrideIssues: sound.issues,
    }
  }

  async #readFile(given: ShelfFile): Promise<ReadFile> {
    const { file } = given
    if ('fault' in given) return unread(given)
    const before = [this.#read.get(file), this.#held.get(file)?.read].find((read) => read?.text === given.text)
    return before ?? readRuleFile(given, this.#names)
  }

  /** For each file what is to be in force: what it says now, or where that does not go together with the others what it said before. */
  #settle(
    read: readonly ReadFile[],
    ids: ReadonlySet<string>,
  ): { chosen: ReadonlyMap<string, SoundFile>; clashes: readonly Problem[] } {
    const chosen = new Map<string, SoundFile>()
    const clashes: Problem[] = []
    const choose = (file: string, sound: SoundFile | undefined): void => {
      if (sound === undefined) chosen.delete(file)
      else chosen.set(file, sound)
    }
    for (const one of read) choose(one.file, isSound(one) ? one : this.#held.get(one.file)?.read)
    for (;;) {
      const known = new Map([...chosen].filter(([, sound]) => this.#isHeld(sound)))
      const changed = [...chosen.values()].filter(({ file }) => !known.has(file))
      const order = changed.filter((one) => this.#keepsId(one)).concat(changed.filter((one) => !this.#keepsId(one)))
      // What was in force together goes on together: whatever clashes with it is what came new.
      const named = new Set([...ids, ...[...chosen.values()].map(({ draft }) => draft.rule.id)])
      const found = conflicts([...known.values(), ...order], named, known)
      if (found.length === 0) return { chosen, clashes }
      clashes.push(...found)
      for (const { file } of found) choose(file, known.has(file) ? undefined : this.#held.get(file)?.read)
    }
  }

  #isHeld({ file, draft }: SoundFile): boolean {
    return this.#held.get(file)?.read.draft.rule.version === draft.rule.version
  }

  #keepsId({ file, draft }: SoundFile): boolean {
    return this.#held.get(file)?.read.draft.rule.id === draft.rule.id
  }

  #compile(chosen: ReadonlyMap<string, SoundFile>, overrides: readonly Override[]): Map<string, Held> {
    const { stepBudget } = this.#names
    return new Map(
      [...chosen].map(([file, read]) => {
        const before = this.#held.get(file)
        if (before && this.#isHeld(read)) return [file, { ...before, read }]
        const disabled = new Disabled()
        return [file, { read, disabled, compiled: finish(read.draft, overrides, { disabled, stepBudget }) }]
      }),
    )
  }

  /** What a start with these files would refuse, though it goes on now: a rule that names one whose file is gone. */
  #stale(one: SoundFile, ids: ReadonlySet<string>, said: readonly Problem[]): Problem[] {
    if (said.some(({ file }) => file === one.file)) return []
    return unknownInhibits(one, ids).map((issue: Issue) => problemAt(one, issue))
  }

  #readAcks(given: ShelfFile): HeldAcks {
    const before = this.#acks.get(given.file)
    const read = 'fault' in given ? { problems: unread(given).problems } : readAcks(given)
    if ('acks' in read) return { ...read, problems: [] }
    const problems = read.problems.map((problem) => ({ ...problem, kept: before !== undefined }))
    return { acks: before?.acks ?? [], problems }
  }
}

const unread = ({ file, fault }: { readonly file: string; readonly fault: string }): ReadFile => ({
  file,
  text: '',
  claims: [stemOf(file)],
  draft: undefined,
  problems: [{ file, line: 1, column: 1, message: fault }],
})

type Holding = ReadonlyMap<string, Held>
const byId = (held: Holding): Map<string, string> =>
  new Map([...held.values()].map(({ compiled: { rule } }) => [rule.id, rule.version]))

function shelved(
  held: Holding,
  before: Holding,
): Pick<Shelved, 'rules' | 'disabled' | 'added' | 'changed' | 'removed'> {
  const [old, now] = [byId(before), byId(held)]
  const ids = [...now.keys()]
  return {
    rules: [...held.values()].map(({ compiled }) => compiled),
    disabled: () => disabledIn(held.values()),
    added: ids.filter((id) => !old.has(id)),
    changed: ids.filter((id) => old.has(id) && old.get(id) !== now.get(id)),
    removed: [...old.keys()].filter((id) => !now.has(id)),
  }
}

const acksOf = (acks: ReadonlyMap<string, HeldAcks>): { acks: Ack[] } => ({
  acks: [...acks.values()].flatMap((one) => one.acks),
})

const versionOf = (held: Holding, acks: ReadonlyMap<string, HeldAcks>): string =>
  sha256(canonicalJson([Object.fromEntries(byId(held)), acksOf(acks).acks]))

// It is asked after each object that is judged, and nearly never is there one.
function disabledIn(held: Iterable<{ readonly disabled: Disabled }>): readonly DisabledRule[] {
  const found: DisabledRule[] = []
  for (const { disabled } of held) if (!disabled.isEmpty) found.push(...disabled.list())
  return found
}
