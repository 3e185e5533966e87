import { parseDocument } from 'yaml'
import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { ClusterError, codeOf } from './errors.ts'

export type Settings = Readonly<Record<string, unknown>>

/** One named cluster, user or context of a kubeconfig. */
export interface Entry {
  readonly name: string
  readonly settings: Settings
  /** The file it is from. */
  readonly file: string
}

/** Kubeconfig files as one: where two define the same name, the first holds, as for kubectl. */
export interface Kubeconfig {
  readonly files: readonly string[]
  readonly currentContext: string | undefined
  readonly clusters: readonly Entry[]
  readonly users: readonly Entry[]
  readonly contexts: readonly Entry[]
}

/** Settings as they are in a file, or nothing for anything that is no mapping. */
export const settingsOf = (value: unknown): Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Settings) : {}

/** A setting that is a text, and not an empty one. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/**
 * Reads kubeconfig files and joins them.
 * @throws ClusterError when a file is missing or is no kubeconfig; its message never quotes the file, which holds secrets.
 */
export async function readKubeconfig(files: readonly string[]): Promise<Kubeconfig> {
  const read = await Promise.all(files.map(readOne))
  return {
    files,
    currentContext: read.map((one) => one.currentContext).find((name) => name !== undefined),
    clusters: firstOfName(read.flatMap((one) => one.clusters)),
    users: firstOfName(read.flatMap((one) => one.users)),
    contexts: firstOfName(read.flatMap((one) => one.contexts)),
  }
}

function firstOfName(entries: readonly Entry[]): Entry[] {
  const byName = new Map<string, Entry>()
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry)
  return [...byName.values()]
}

async function readOne(file: string): Promise<Kubeconfig> {
  const root = settingsOf(await parse(file))
  if (!['clusters', 'users', 'contexts', 'current-context'].some((key) => Object.hasOwn(root, key)))
    throw new ClusterError(`${file}: this is no kubeconfig: it has no clusters, users or contexts`)
  const entries = (list: unknown, key: string): Entry[] =>
    (Array.isArray(list) ? list : []).flatMap((item) => {
      const name = textOf(settingsOf(item)['name'])
      return name === undefined ? [] : [{ name, file, settings: absolute(settingsOf(settingsOf(item)[key]), file) }]
    })
  return {
    files: [file],
    currentContext: textOf(root['current-context']),
    clusters: entries(root['clusters'], 'cluster'),
    users: entries(root['users'], 'user'),
    contexts: entries(root['contexts'], 'context'),
  }
}

async function parse(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ClusterError(`${file}: ${REASONS[codeOf(error) ?? ''] ?? 'it cannot be read'}`)
  })
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) throw new ClusterError(`${file}: line ${error.linePos?.[0].line ?? 1}: this is no YAML (${error.code})`)
  return document.toJS()
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'this is a directory',
}

const PATHS = new Set(['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'])

// A path in a kubeconfig is relative to the file it stands in; a command too, unless it is to be looked up in PATH.
function absolute(settings: Settings, file: string): Settings {
  const from = (path: unknown): unknown =>
    typeof path === 'string' && path !== '' && !isAbsolute(path) ? join(dirname(file), path) : path
  const changed = Object.entries(settings).map(([key, value]) => [key, PATHS.has(key) ? from(value) : value])
  const exec = settingsOf(settings['exec'])
  const command = textOf(exec['command'])
  if (command?.includes('/')) changed.push(['exec', { ...exec, command: from(command) }])
  return Object.fromEntries(changed) as Settings
}
