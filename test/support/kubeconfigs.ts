import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterAccess, type ClusterAccess } from '../../src/cluster/kubeconfig.ts'

/** A directory of its own that is gone afterwards. */
export class Scratch implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'dogwatch-'))

  /** Writes a file, as JSON unless it is text, and gives its path. */
  write(name: string, content: unknown): string {
    const file = join(this.path, name)
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

type Settings = Readonly<Record<string, unknown>>

/** A kubeconfig with one context of the name `test`. */
export const kubeconfig = (cluster: Settings, user: Settings = {}, context: Settings = {}): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'c', cluster }],
  users: [{ name: 'u', user }],
  contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', ...context } }],
  'current-context': 'test',
})

/** The way to a cluster with these settings. */
export const accessTo = (scratch: Scratch, cluster: Settings, user: Settings = {}): Promise<ClusterAccess> =>
  clusterAccess({ file: scratch.write('config', kubeconfig(cluster, user)), env: {} })
