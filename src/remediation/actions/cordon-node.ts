import * as z from 'zod'
import type { ObjectOf } from '../../cluster/kinds.ts'
import { trueCondition } from '../../facts/workload-kind.ts'
import { action, refuse } from '../action.ts'
import { mergePatch } from '../request.ts'

type Node = ObjectOf<'nodes'>

export const cordonNode = action({
  name: 'cordon-node',
  tier: 'change',
  description: 'Keeps new pods away from a node; those that run there stay.',
  resources: ['nodes'],
  parameters: z.strictObject({}),
  writes: [
    {
      verb: 'patch',
      resource: 'nodes',
      pointers: ['/spec/unschedulable', '/metadata/annotations/dogwatch.io~1cordoned'],
      bounds: 'true, with the mark',
    },
  ],
  inverse: 'uncordon-node',
  propose: () => ({}),
  plan: (node, _, { snapshot, finding }) => {
    if (node.spec?.unschedulable === true) return refuse('already-done', 'it is cordoned')
    const look = snapshot.look('nodes')
    if (look !== 'listed') return refuse('not-seen', 'not all nodes were looked at')
    if (!snapshot.all('nodes').some((other) => other !== node && takesPods(other)))
      return refuse('no-other-node', 'no other node takes pods')
    return {
      ...mergePatch(node, [
        [['spec', 'unschedulable'], true],
        [['metadata', 'annotations', 'dogwatch.io/cordoned'], finding.id],
      ]),
      effect: `cordons Node ${node.metadata.name}: no new pods are placed there, those that run stay`,
    }
  },
})

const takesPods = (node: Node): boolean =>
  node.spec?.unschedulable !== true &&
  node.metadata.deletionTimestamp === undefined &&
  trueCondition(node, 'Ready') !== undefined
