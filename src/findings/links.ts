import { compareText } from '../util/order.ts'

/** What a finding that is pending or firing takes part in the overlay with. */
export interface Part {
  /** The place of its severity in the list, the gravest first. */
  readonly gravity: number
  readonly causes: ReadonlySet<string>
  /** Of each of its matches, the first speaking for it: what may explain that match. */
  readonly effects: readonly (readonly string[])[]
}

/**
 * Who explains whom, kept up to date finding by finding. The same rules as `inhibit`: a finding is explained when every one of its
 * matches is; of several causes of its first match the gravest is named. Rules' relations have no cycle (the loader refuses one).
 */
export class Links {
  readonly #parts = new Map<string, Part>()
  readonly #causes = new Map<string, Set<string>>()
  readonly #effects = new Map<string, Set<string>>()
  readonly #direct = new Map<string, string>()
  readonly #explained = new Map<string, Set<string>>()

  /** Puts, changes or (without `part`) takes out a finding. Gives every finding whose root, or whose explained ones, may be others than before. */
  set(finding: string, part: Part | undefined): Set<string> {
    const before = this.#parts.get(finding)
    const asked = new Set([finding, ...this.#underneath(before), ...this.#underneath(part)])
    if (before) this.#leave(finding, before)
    if (part) this.#join(finding, part)
    const touched = new Set<string>()
    for (const one of asked) this.#decide(one, touched)
    return touched
  }

  /** The finding that explains this one and is itself explained by none; `undefined` where there is none. */
  rootOf(finding: string): string | undefined {
    let root: string | undefined
    for (let next = this.#direct.get(finding); next !== undefined; next = this.#direct.get(next)) root = next
    return root
  }

  /** Everything that this finding explains, directly or through others. */
  explainedBy(finding: string): string[] {
    const all: string[] = []
    const open = [...(this.#explained.get(finding) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      all.push(next)
      open.push(...(this.#explained.get(next) ?? []))
    }
    return all
  }

  #underneath(part: Part | undefined): string[] {
    return [...(part?.causes ?? [])].flatMap((key) => [...(this.#effects.get(key) ?? [])])
  }

  #join(finding: string, part: Part): void {
    this.#parts.set(finding, part)
    for (const key of part.causes) add(this.#causes, key, finding)
    for (const key of part.effects.flat()) add(this.#effects, key, finding)
  }

  #leave(finding: string, part: Part): void {
    this.#parts.delete(finding)
    for (const key of part.causes) take(this.#causes, key, finding)
    for (const key of part.effects.flat()) take(this.#effects, key, finding)
  }

  #decide(finding: string, touched: Set<string>): void {
    const [before, after] = [this.#direct.get(finding), this.#causeOf(finding)]
    if (before === after) return
    this.#touchTree(finding, touched)
    if (before !== undefined) take(this.#explained, before, finding)
    if (after === undefined) this.#direct.delete(finding)
    else {
      this.#direct.set(finding, after)
      add(this.#explained, after, finding)
    }
    this.#touchTree(finding, touched)
  }

  // A new root takes over the time and the state of all below it; those below name the new root.
  #touchTree(finding: string, touched: Set<string>): void {
    touched.add(finding)
    for (const one of this.explainedBy(finding)) touched.add(one)
    const root = this.rootOf(finding)
    if (root !== undefined) touched.add(root)
  }

  #causeOf(finding: string): string | undefined {
    const part = this.#parts.get(finding)
    if (!part) return undefined
    const causes = part.effects.map((keys) => this.#gravest(finding, keys))
    return causes.every((cause) => cause !== undefined) ? causes[0] : undefined
  }

  #gravest(finding: string, keys: readonly string[]): string | undefined {
    let best: string | undefined
    for (const key of keys)
      for (const cause of this.#causes.get(key) ?? [])
        if (cause !== finding && (best === undefined || this.#isGraver(cause, best))) best = cause
    return best
  }

  #isGraver(one: string, other: string): boolean {
    const [a, b] = [this.#parts.get(one)?.gravity ?? 0, this.#parts.get(other)?.gravity ?? 0]
    return a === b ? compareText(one, other) < 0 : a < b
  }
}

function add(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  if (set) set.add(value)
  else sets.set(key, new Set([value]))
}

function take(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key)
  set?.delete(value)
  if (set?.size === 0) sets.delete(key)
}
