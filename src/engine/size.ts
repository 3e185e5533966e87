import type { Condition } from './conditions.ts'

/** How much one rule may ask. */
const MOST_LEAVES = 1000
const DEEPEST = 16

interface Size {
  readonly leaves: number
  readonly depth: number
}

const ENDLESS: Size = { leaves: Infinity, depth: Infinity }

/**
 * What is wrong with the size of conditions, if anything. A short file of names that name names can stand for more leaves than
 * there are atoms: sizes are added up, never written out.
 */
export function tooLarge(root: Condition, definitions: ReadonlyMap<string, Condition>): string | undefined {
  const { leaves, depth } = sizeOf(root, { definitions, known: new Map() })
  if (leaves === Infinity) return 'a definition stands for itself'
  if (leaves > MOST_LEAVES) return `the conditions ask ${leaves} questions; at most ${MOST_LEAVES} are allowed`
  return depth > DEEPEST ? `the conditions are nested ${depth} deep; at most ${DEEPEST} is allowed` : undefined
}

interface Sizes {
  readonly definitions: ReadonlyMap<string, Condition>
  readonly known: Map<string, Size>
}

function sizeOf(condition: Condition, sizes: Sizes): Size {
  if (condition.kind === 'leaf') return { leaves: 1, depth: 0 }
  if (condition.kind === 'named') return sizeOfName(condition.name, sizes)
  const children = condition.kind === 'not' ? [condition.of] : condition.of
  let leaves = 0
  let depth = 0
  for (const child of children) {
    const size = sizeOf(child, sizes)
    leaves += size.leaves
    depth = Math.max(depth, size.depth)
  }
  return { leaves, depth: depth + 1 }
}

function sizeOfName(name: string, sizes: Sizes): Size {
  const { definitions, known } = sizes
  const definition = definitions.get(name)
  const before = known.get(name)
  if (before !== undefined || definition === undefined) return before ?? ENDLESS
  known.set(name, ENDLESS)
  const size = sizeOf(definition, sizes)
  known.set(name, size)
  return size
}
