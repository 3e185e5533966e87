import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf, type TextFile } from './files.ts'
import { compareText } from './order.ts'

/** A file as it is now, or why it cannot be read. */
export type FoundFile = TextFile | { readonly file: string; readonly fault: string }

const MOST_BYTES = 2 ** 22
const MOST_FILES = 2000

/**
 * Reads the files with an extension in a directory (no deeper), by name, or the one file that is named. Names with a leading dot are left
 * out: a mounted ConfigMap keeps its versions under them. What cannot be read is named with the reason: it is not gone.
 * @throws Error when the directory itself cannot be read.
 */
export async function readDirectory(path: string, extension: string): Promise<FoundFile[]> {
  const files = await filesIn(path, extension)
  const found: FoundFile[] = []
  for (const [index, file] of files.entries())
    found.push(index < MOST_FILES ? await readFound(file) : { file, fault: `more than ${MOST_FILES} files: not read` })
  return found
}

async function filesIn(path: string, extension: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => name.endsWith(extension) && !name.startsWith('.'))
  return names.toSorted(compareText).map((name) => join(path, name))
}

async function readFound(file: string): Promise<FoundFile> {
  try {
    const about = await stat(file)
    // Opening a pipe would wait for somebody to write to it.
    if (!about.isFile()) return { file, fault: 'no plain file' }
    if (about.size > MOST_BYTES) return { file, fault: `larger than ${MOST_BYTES / 2 ** 20} MiB` }
    return { file, text: await readFile(file, 'utf8') }
  } catch (error) {
    return { file, fault: reasonOf(error) }
  }
}
