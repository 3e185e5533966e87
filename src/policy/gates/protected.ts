import type { AnyObject } from '../../cluster/kinds.ts'
import type { Snapshot } from '../../cluster/snapshot.ts'
import { matchesAnyGlob } from '../../util/glob.ts'
import type { GateInput } from '../proposal.ts'
import { hold, pass, type Gate, type GateAnswer } from './gate.ts'

const ALWAYS = ['kube-system', 'kube-public', 'kube-node-lease']
const MARK = 'dogwatch.io/protected'
const OWN_LABELS = ['app.kubernetes.io/name', 'app.kubernetes.io/part-of']
const CONTROL_PLANE = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master']
const CRITICAL = new Set(['system-cluster-critical', 'system-node-critical'])

export const protection: Gate = {
  name: 'protected',
  holds: 'for-everyone',
  description: 'Holds on what is never touched: system namespaces, dogwatch itself, and what is marked so.',
  judge: (input) => {
    const { object } = input.proposal
    const held = input.snapshot.byUid(object.uid)
    if (!held) return hold('protection-unknown', `${object.kind} ${object.name} could not be read`)
    const place = object.namespace === undefined ? scope(held) : namespace(input, object.namespace)
    return place ?? chain(live(input.snapshot, held)) ?? pass('nothing protects it')
  },
}

// Names from a dump are not checked by a server: what could be read as a protected name counts as one.
const plain = (name: string): string => name.normalize('NFKC').trim().toLowerCase()

function namespace({ snapshot, policy }: GateInput, name: string): GateAnswer | undefined {
  const globs = [...ALWAYS, policy.ownNamespace, ...policy.protected.namespaces]
  if ([name, plain(name)].some((text) => matchesAnyGlob(text, globs)))
    return hold('protected-namespace', `namespace ${name} is protected`)
  const object = snapshot.get('namespaces', undefined, name)
  if (!object) return hold('protection-unknown', `namespace ${name} could not be read`)
  return isMarked(object) ? hold('protected-namespace', `namespace ${name} is marked ${MARK}`) : undefined
}

function scope({ apiVersion, kind, metadata }: AnyObject): GateAnswer | undefined {
  if (apiVersion !== 'v1' || kind !== 'Node') return hold('cluster-scoped', `${kind} belongs to no namespace`)
  return CONTROL_PLANE.some((label) => metadata.labels?.[label] !== undefined)
    ? hold('protected-object', `Node ${metadata.name} is part of the control plane`)
    : undefined
}

// Not only what they are called: their priority protects them too.
const live = (snapshot: Snapshot, held: AnyObject): readonly AnyObject[] =>
  snapshot.owners(held).chain.map((owner) => snapshot.byUid(owner.metadata.uid) ?? owner)

function chain(objects: readonly AnyObject[]): GateAnswer | undefined {
  for (const object of objects) {
    const name = `${object.kind} ${object.metadata.name}`
    if (isOwn(object)) return hold('own-object', `${name} is part of dogwatch`)
    if (isMarked(object)) return hold('protected-object', `${name} is marked ${MARK}`)
    const priority = priorityOf(object)
    if (priority !== undefined && CRITICAL.has(priority))
      return hold('protected-object', `${name} has priority ${priority}`)
  }
  return undefined
}

const isOwn = ({ apiVersion, metadata }: AnyObject): boolean =>
  apiVersion.startsWith('dogwatch.io/') || OWN_LABELS.some((label) => metadata.labels?.[label] === 'dogwatch')

/** Whether a label or annotation protects the object; only `false` says that it does not. */
function isMarked({ metadata }: AnyObject): boolean {
  const marks = [metadata.labels?.[MARK], metadata.annotations?.[MARK]]
  return marks.some((mark) => mark !== undefined && mark !== 'false')
}

function podSpecOf(object: AnyObject): object | undefined {
  const spec = 'spec' in object ? object.spec : undefined
  if (spec === undefined) return undefined
  if ('template' in spec) return spec.template?.spec
  return 'jobTemplate' in spec ? spec.jobTemplate?.spec?.template?.spec : spec
}

function priorityOf(object: AnyObject): string | undefined {
  const spec = podSpecOf(object)
  const name = spec && 'priorityClassName' in spec ? spec.priorityClassName : undefined
  return typeof name === 'string' ? name : undefined
}
