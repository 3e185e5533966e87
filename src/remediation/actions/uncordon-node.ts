import * as z from 'zod'
import { trueCondition } from '../../facts/workload-kind.ts'
import { action, refuse } from '../action.ts'
import { mergePatch } from '../request.ts'

const MARK = 'dogwatch.io/cordoned'

export const uncordonNode = action({
  name: 'uncordon-node',
  tier: 'heal',
  description: 'Lets new pods onto a node again that dogwatch cordoned.',
  resources: ['nodes'],
  parameters: z.strictObject({}),
  writes: [
    {
      verb: 'patch',
      resource: 'nodes',
      pointers: ['/spec/unschedulable', '/metadata/annotations/dogwatch.io~1cordoned'],
      bounds: 'both removed, where the mark is',
    },
  ],
  inverse: 'cordon-node',
  propose: () => ({}),
  plan: (node) => {
    if (node.spec?.unschedulable !== true) return refuse('already-done', 'it is not cordoned')
    if (node.metadata.annotations?.[MARK] === undefined) return refuse('not-ours', 'somebody else cordoned it')
    if (!trueCondition(node, 'Ready')) return refuse('not-ready', 'it is not ready')
    return {
      ...mergePatch(node, [
        [['spec', 'unschedulable'], null],
        [['metadata', 'annotations', MARK], null],
      ]),
      effect: `uncordons Node ${node.metadata.name}: new pods may be placed there again`,
    }
  },
})
