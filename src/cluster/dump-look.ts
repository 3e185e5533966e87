import { clusterUid, type ClusterLook } from './cluster-look.ts'
import { DumpError, readDump, type Document } from './dump.ts'

/**
 * A look at dumps. `now` (milliseconds) stands in for the time of a dump that does not tell its own.
 * @throws DumpError when a document is no JSON or no dump.
 */
export function lookAtDump(
  texts: readonly { readonly file: string; readonly text: string }[],
  options: { readonly complete: boolean; readonly now: number },
): ClusterLook {
  const dump = readDump(texts.map(parse), options)
  return {
    objects: dump.objects,
    looks: dump.looks,
    takenAt: dump.recordedAt ?? options.now,
    cluster: dump.cluster ?? clusterUid(dump.objects),
    incomplete: [],
    hints: hintsFor(dump, options.complete),
  }
}

function parse({ file, text }: { readonly file: string; readonly text: string }): Document {
  try {
    return { name: file, json: JSON.parse(text) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new DumpError(`${file}: not JSON (${reason}); write it with "kubectl get … -o json" or "dogwatch snapshot"`)
  }
}

function hintsFor({ annotated, recordedAt }: ReturnType<typeof readDump>, complete: boolean): string[] {
  const hints: string[] = []
  if (!annotated && !complete)
    hints.push(
      'This dump does not say what was looked at, so kinds that are not in it are unknown. Say --complete if everything is in it.',
    )
  if (recordedAt === undefined)
    hints.push('This dump does not say when it was taken, so it is read as of now. Say --at TIME if it is older.')
  return hints
}
