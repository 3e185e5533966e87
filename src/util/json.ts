import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'

/** A place in a text; both count from 1, columns in UTF-16 code units as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

export type Path = readonly (string | number)[]

export interface JsonFault extends Position {
  readonly message: string
}

/** How much of a file is read at all. */
export interface JsonLimits {
  /** Length of the whole text, in UTF-16 code units. */
  readonly text: number
  /** Objects and lists inside each other. */
  readonly depth: number
  /** Length of one string or key, in UTF-16 code units. */
  readonly string: number
  /** Items of one list, keys of one object. */
  readonly list: number
}

/** A JSON text that was read: its value, in objects without a prototype, and where each part of it stands. */
export interface JsonDocument {
  readonly value: unknown
  /** Where the value at a path stands; of a path that is not there, the nearest part around it. */
  readonly at: (path: Path) => Position
  /** Where the key of a path stands. */
  readonly atKey: (path: Path) => Position
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'this is no JSON value',
  InvalidNumberFormat: 'this is no JSON number',
  PropertyNameExpected: 'a key in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  ColonExpected: 'a colon is expected here',
  CommaExpected: 'a comma is expected here',
  CloseBraceExpected: 'the text ends before the closing }',
  CloseBracketExpected: 'the text ends before the closing ]',
  EndOfFileExpected: 'the text should end here',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfString: 'the string has no closing quote',
  InvalidCharacter: 'a control character must be written as an escape',
}

/**
 * Reads JSON strictly (no comments, no trailing commas) and within limits. A key that occurs twice, and keys that reach a
 * prototype (`__proto__`, `constructor`, `prototype`), are refused.
 */
export function parseJson(text: string, limits: JsonLimits): JsonDocument | { readonly faults: readonly JsonFault[] } {
  const place = (offset: number): Position => positionAt(text, offset)
  if (text.length > limits.text) return refuse(`the file is larger than ${sizeOf(limits.text)}`, place(0))
  const deep = tooDeep(text, limits.depth)
  if (deep !== undefined) return refuse(`nested more than ${limits.depth} deep`, place(deep))

  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [error] = errors
  if (error !== undefined || root === undefined)
    return refuse(error === undefined ? 'the text is empty' : describe(error, text), place(error?.offset ?? 0))

  const faults = partsOf(root).flatMap((node) =>
    faultsOf(node, limits).map(({ message, offset }) => ({ message, ...place(offset) })),
  )
  if (faults.length > 0) return { faults }
  // Most documents are never asked where something stands, and a tree is ten times its text: it is not kept.
  const find = (path: Path): Found | undefined => findIn(parseTree(text), path)
  return {
    value: valueOf(root),
    at: (path) => place(find(path)?.value.offset ?? 0),
    atKey: (path) => place(find(path)?.key?.offset ?? 0),
  }
}

const refuse = (message: string, position: Position) => ({ faults: [{ message, ...position }] })
const sizeOf = (length: number): string => (length % 2 ** 20 === 0 ? `${length / 2 ** 20} MiB` : `${length} characters`)

function describe({ error, offset }: ParseError, text: string): string {
  if (offset >= text.trimEnd().length) return text.trim() === '' ? 'the file is empty' : 'the text is cut off'
  return SYNTAX[printParseErrorCode(error)] ?? 'this is not JSON'
}

function positionAt(text: string, offset: number): Position {
  let line = 1
  let start = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    start = at + 1
  }
  return { line, column: offset - start + 1 }
}

const STEPS: ReadonlyMap<string, number> = new Map([
  ['{', 1],
  ['[', 1],
  ['}', -1],
  [']', -1],
])

// The parser calls itself for each level: what nests too deep must be refused before it runs out of stack.
function tooDeep(text: string, limit: number): number | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '"') at = endOfString(text, at)
    else depth += STEPS.get(char) ?? 0
    if (depth > limit) return at
  }
  return undefined
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

interface Fault {
  readonly message: string
  readonly offset: number
}

function faultsOf(node: Node, limits: JsonLimits): Fault[] {
  const count = node.children?.length ?? 0
  const faults: Fault[] = []
  if (node.type !== 'property' && count > limits.list)
    faults.push({ message: `${count} entries; at most ${limits.list} are read`, offset: node.offset })
  if (typeof node.value === 'string' && node.value.length > limits.string)
    faults.push({
      message: `a string of ${node.value.length} characters; at most ${limits.string} are read`,
      offset: node.offset,
    })
  return node.type === 'object' ? [...faults, ...keyFaults(node)] : faults
}

function keyFaults(node: Node): Fault[] {
  const seen = new Set<string>()
  return propertiesOf(node).flatMap(({ name, key }) => {
    const twice = seen.has(name)
    seen.add(name)
    if (FORBIDDEN_KEYS.has(name)) return [{ message: `the key "${name}" is not allowed`, offset: key.offset }]
    return twice ? [{ message: 'this key is there twice', offset: key.offset }] : []
  })
}

interface Property {
  readonly name: string
  readonly key: Node
  readonly value: Node
}

const propertiesOf = ({ type, children: properties = [] }: Node): Property[] =>
  (type === 'object' ? properties : []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : [{ name: String(key.value), key, value }],
  )

function partsOf(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(partsOf)]
}

function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf)
  if (node.type !== 'object') return node.value as unknown
  const value = Object.create(null) as Record<string, unknown>
  for (const { name, value: child } of propertiesOf(node)) value[name] = valueOf(child)
  return value
}

interface Found {
  readonly key: Node | undefined
  readonly value: Node
}

function findIn(root: Node | undefined, path: Path): Found | undefined {
  if (root === undefined) return undefined
  let found: Found = { key: undefined, value: root }
  for (const part of path) {
    const { value } = found
    const child = value.type === 'array' && typeof part === 'number' ? value.children?.[part] : undefined
    const next =
      child === undefined ? propertiesOf(value).find(({ name }) => name === part) : { key: undefined, value: child }
    if (next === undefined) return found
    found = next
  }
  return found
}
