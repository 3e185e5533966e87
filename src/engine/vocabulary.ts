import type { Fact } from '../facts/fact.ts'

/** What a rule may name: facts, and what the other rooms know. */
export interface Vocabulary {
  readonly facts: readonly Fact[]
  readonly actions: readonly string[]
  readonly relations: readonly string[]
}
