import type { AnyObject } from '../../cluster/kinds.ts'
import { managedBy } from '../../facts/managed-by.ts'
import type { GateInput } from '../proposal.ts'
import { hold, pass, type Gate, type GateAnswer } from './gate.ts'

const AUTOSCALERS = 'horizontalpodautoscalers.autoscaling'
const OWN_MARKS = '/metadata/annotations/dogwatch.io~1'
const TOOLS = { argocd: 'Argo CD', flux: 'Flux', helm: 'Helm', operator: 'an operator' }

export const owner: Gate = {
  name: 'owner',
  holds: 'for-everyone',
  description: 'Holds where somebody else decides about what would be written: the mend goes there.',
  judge: (input) => {
    const { object } = input.proposal
    const held = input.snapshot.byUid(object.uid)
    if (!held) return hold('owner-unknown', `${object.kind} ${object.name} could not be read`)
    return (
      missingOwner(input, held) ?? manager(input, held) ?? autoscaler(input) ?? pass('nobody else decides about it')
    )
  },
}

function missingOwner({ proposal, snapshot }: GateInput, held: AnyObject): GateAnswer | undefined {
  const { missing } = snapshot.owners(held)
  if (missing) return hold('owner-missing', `its controller ${missing.kind ?? ''} ${missing.name ?? ''} was not found`)
  return proposal.ownerComplete ? undefined : hold('owner-missing', 'a controller of the target was not found')
}

function manager(input: GateInput, held: AnyObject): GateAnswer | undefined {
  const { snapshot, proposal } = input
  const { chain } = snapshot.owners(held)
  if (!isConfiguration(input, chain.length > 1)) return undefined
  const { namespace } = proposal.object
  const home = namespace === undefined ? undefined : snapshot.get('namespaces', undefined, namespace)
  const by = proposal.managedBy ?? managedBy(chain, home)
  if (by === null) return undefined
  const name = [by.kind, by.name].filter(Boolean).join(' ')
  return hold('managed-elsewhere', `${TOOLS[by.tool]} decides about it${name === '' ? '' : `: ${name}`}`)
}

// Nobody writes down elsewhere what dogwatch marks, nor the pods and Jobs that a controller makes.
const isConfiguration = ({ proposal: { changes } }: GateInput, isMade: boolean): boolean =>
  changes.some(({ pointer }) => (pointer === '' ? !isMade : !pointer.startsWith(OWN_MARKS)))

function autoscaler({ proposal: { object, changes }, snapshot }: GateInput): GateAnswer | undefined {
  const replicas = changes.find(({ pointer }) => pointer === '/spec/replicas')
  if (!replicas) return undefined
  const look = snapshot.look(AUTOSCALERS, object.namespace)
  if (typeof look === 'object') return hold('owner-unknown', `autoscalers: ${look.detail}`)
  const key = `${object.kind}/${object.namespace ?? ''}/${object.name}`
  const [first] = snapshot.indexed('autoscalersByTarget', key)
  // An autoscaler takes a zero that it may not set itself for a pause, and leaves it.
  if (!first || (replicas.to === 0 && (first.spec?.minReplicas ?? 1) > 0)) return undefined
  return hold('autoscaled', `HorizontalPodAutoscaler ${first.metadata.name} sets its replicas`)
}
