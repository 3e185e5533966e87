/** The runtimes whose heap may be given a size of its own. */
export const HEAP_FLAGS = ['java', 'node', 'go'] as const
export type HeapFlag = (typeof HEAP_FLAGS)[number]

const VARIABLES: ReadonlyMap<string, HeapFlag> = new Map([
  ['JAVA_TOOL_OPTIONS', 'java'],
  ['JDK_JAVA_OPTIONS', 'java'],
  ['_JAVA_OPTIONS', 'java'],
  ['GOMEMLIMIT', 'go'],
])

const WORDS: readonly (readonly [word: string, flag: HeapFlag])[] = [
  ['-Xmx', 'java'],
  ['-XX:MaxHeapSize', 'java'],
  ['-XX:MaxRAM', 'java'],
  ['--max-old-space-size', 'node'],
  ['--max_old_space_size', 'node'],
  ['GOMEMLIMIT=', 'go'],
]

type Raw = Readonly<Record<string, unknown>>
const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null
const listIn = (raw: Raw, field: string): readonly unknown[] => {
  const list: unknown = Object.hasOwn(raw, field) ? raw[field] : undefined
  return Array.isArray(list) ? list : []
}

function inText(text: unknown): HeapFlag | undefined {
  return typeof text === 'string' ? WORDS.find(([word]) => text.includes(word))?.[1] : undefined
}

function inVariable(variable: unknown): HeapFlag | undefined {
  if (!isRaw(variable) || typeof variable['name'] !== 'string') return undefined
  return VARIABLES.get(variable['name']) ?? inText(variable['value'])
}

/**
 * Whether a container asks for a heap of a fixed size, and of which runtime. Arguments and environment are looked at here and nowhere else:
 * secrets stand in them, so that nothing but this one word of ours leaves.
 */
export function heapFlagOf(raw: unknown): HeapFlag | undefined {
  if (!isRaw(raw)) return undefined
  // What was projected before is read back from a dump.
  const known = HEAP_FLAGS.find((flag) => flag === raw['heapFlag'])
  if (known !== undefined) return known
  for (const variable of listIn(raw, 'env')) {
    const flag = inVariable(variable)
    if (flag !== undefined) return flag
  }
  for (const field of ['command', 'args'])
    for (const text of listIn(raw, field)) {
      const flag = inText(text)
      if (flag !== undefined) return flag
    }
  return undefined
}
