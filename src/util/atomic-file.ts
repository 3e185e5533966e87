import { randomUUID } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** That a file is there already and was not to be replaced. */
export class FileExistsError extends Error {}

/**
 * Writes a file whole or not at all: beside its place first, then moved there. Only its owner may read it, unless `mode` says otherwise.
 * @throws FileExistsError when it is there already and `replace` is false.
 */
export async function writeAtomically(
  file: string,
  text: string,
  { replace, mode = 0o600 }: { replace: boolean; mode?: number },
): Promise<void> {
  const beside = join(dirname(file), `.${basename(file)}.${randomUUID()}`)
  try {
    const handle = await open(beside, 'wx', mode)
    try {
      // The rights asked for above are less what the process leaves out for new files.
      await handle.chmod(mode)
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await (replace ? rename(beside, file) : place(beside, file))
  } finally {
    await rm(beside, { force: true })
  }
}

// A rename replaces what somebody wrote there in the meantime; a link refuses. Some file systems have no links.
async function place(beside: string, file: string): Promise<void> {
  try {
    await link(beside, file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EEXIST') throw new FileExistsError(file, { cause: error })
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    await rename(beside, file)
  }
}
