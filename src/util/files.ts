import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { compareText } from './order.ts'

export interface TextFile {
  readonly file: string
  readonly text: string
}

/** A path that cannot be read; the message names it and says what is wrong. */
export class FileError extends Error {}

/**
 * Reads files and, of directories, the files with the given extension in them (no deeper), by name.
 * `..data` and other names with a leading dot are left out: a mounted ConfigMap keeps its versions under them.
 * @throws FileError when a path is missing, unreadable, or a directory without such a file.
 */
export async function readTexts(paths: readonly string[], extension: string): Promise<TextFile[]> {
  const files = await Promise.all(paths.map((path) => attempt(path, () => expand(path, extension))))
  return Promise.all(
    files.flat().map(async (file) => ({ file, text: await attempt(file, () => readFile(file, 'utf8')) })),
  )
}

async function expand(path: string, extension: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => name.endsWith(extension) && !name.startsWith('.'))
  if (names.length === 0) throw new FileError(`${path}: no ${extension} file in it`)
  return names.toSorted(compareText).map((name) => join(path, name))
}

async function attempt<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof FileError) throw error
    throw new FileError(`${path}: ${reasonOf(error)}`)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'no permission to read it',
  EISDIR: 'is a directory',
}

/** What is wrong with a path, in words. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error))
}

/** Reads a stream of text to its end. */
export async function readStream(stream: AsyncIterable<string | Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}
