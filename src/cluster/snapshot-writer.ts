import type { ClusterLook } from './cluster-look.ts'
import { annotationsOf } from './look-annotations.ts'

type Written = Pick<ClusterLook, 'objects' | 'looks' | 'takenAt' | 'cluster'>

/**
 * Writes a look as a `List`, in the form of `kubectl get -o json` and with one object a line; `scan -f` reads the same look back.
 * The objects are the projected ones: no environment, no arguments, no Secrets.
 */
export const writeSnapshot = (look: Written): string => [...snapshotParts(look)].join('')

/** The same in parts of an object each, for whoever must not be held up by the whole. */
export function* snapshotParts(look: Written): Generator<string> {
  const metadata = { resourceVersion: '', annotations: annotationsOf(look) }
  const head = JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata })
  yield `${head.slice(0, -1)},"items":[\n`
  for (const [at, object] of look.objects.entries()) yield `${at === 0 ? '' : ',\n'}${JSON.stringify(object)}`
  yield '\n]}\n'
}
