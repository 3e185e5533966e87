import type { ClusterLook } from './cluster-look.ts'
import { annotationsOf } from './look-annotations.ts'

/**
 * Writes a look as a `List`, in the form of `kubectl get -o json` and with one object a line; `scan -f` reads the same look back.
 * The objects are the projected ones: no environment, no arguments, no Secrets.
 */
export function writeSnapshot(look: Pick<ClusterLook, 'objects' | 'looks' | 'takenAt' | 'cluster'>): string {
  const metadata = { resourceVersion: '', annotations: annotationsOf(look) }
  const head = JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata })
  return `${head.slice(0, -1)},"items":[\n${look.objects.map((object) => JSON.stringify(object)).join(',\n')}\n]}\n`
}
