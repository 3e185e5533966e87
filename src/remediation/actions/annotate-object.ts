import * as z from 'zod'
import { nameOf } from '../../findings/match.ts'
import { action, refuse } from '../action.ts'
import { mergePatch } from '../request.ts'

const MARK = 'dogwatch.io/finding'
const RESOURCES = [
  'pods',
  'nodes',
  'services',
  'persistentvolumeclaims',
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'horizontalpodautoscalers.autoscaling',
  'poddisruptionbudgets.policy',
] as const

export const annotateObject = action({
  name: 'annotate-object',
  tier: 'mark',
  description: 'Writes the id of the finding to an annotation of the object.',
  resources: RESOURCES,
  parameters: z.strictObject({}),
  writes: RESOURCES.map((resource) => ({
    verb: 'patch',
    resource,
    pointers: ['/metadata/annotations/dogwatch.io~1finding'],
    bounds: 'the id of the finding',
  })),
  inverse: 'remove the annotation dogwatch.io/finding',
  propose: () => ({}),
  plan: (object, _, { finding }) => {
    if (object.metadata.annotations?.[MARK] === finding.id) return refuse('already-done', 'it carries the mark already')
    const { kind, metadata } = object
    const name = nameOf({ kind, namespace: metadata.namespace, name: metadata.name })
    return {
      ...mergePatch(object, [[['metadata', 'annotations', MARK], finding.id]]),
      effect: `marks ${name} with ${finding.id}`,
    }
  },
})
