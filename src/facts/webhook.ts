import type { Snapshot } from '../cluster/snapshot.ts'
import { namespacedName } from '../util/claim-names.ts'
import { fact, type Fact, type Read } from './fact.ts'
import { known, unknown, type Reading } from './reading.ts'
import { readyEndpoints } from './service.ts'
import type { Subject, View } from './subject.ts'

/** Why a webhook that must answer cannot. A closed list. */
export const WEBHOOK_FAULTS = ['service-missing', 'no-endpoints'] as const
export type WebhookFault = (typeof WEBHOOK_FAULTS)[number]

const READS: readonly Read[] = [
  { resource: 'services', optional: true },
  { resource: 'endpointslices.discovery.k8s.io', index: 'slicesByService', optional: true },
]

type Webhook = NonNullable<Subject<'webhook'>['object']['webhooks']>[number]

interface Broken {
  readonly webhook: string
  readonly service: string
  readonly fault: WebhookFault
}

interface Checked extends Omit<Broken, 'fault'> {
  readonly fault: WebhookFault | null | 'unknown'
}

/** What is wrong with the service behind a webhook, `null` for nothing; `unknown` where nobody looked at its namespace. */
function faultOf({ clientConfig }: Webhook, snapshot: Snapshot): WebhookFault | null | 'unknown' {
  const { name, namespace } = clientConfig?.service ?? {}
  // One that is reached by URL is outside the cluster.
  if (name === undefined) return null
  if (snapshot.look('services', namespace) !== 'listed') return 'unknown'
  const service = snapshot.get('services', namespace, name)
  if (!service) return 'service-missing'
  if (service.spec?.type === 'ExternalName') return null
  if (snapshot.look('endpointslices.discovery.k8s.io', namespace) !== 'listed') return 'unknown'
  return readyEndpoints(namespace, name, snapshot) > 0 ? null : 'no-endpoints'
}

// Without `Ignore` the API server refuses what it cannot ask about. One without rules is never asked.
const mustAnswer = ({ failurePolicy, rules = [] }: Webhook): boolean => failurePolicy !== 'Ignore' && rules.length > 0

function check(webhook: Webhook, snapshot: Snapshot): Checked {
  const { namespace, name = '' } = webhook.clientConfig?.service ?? {}
  const fault = faultOf(webhook, snapshot)
  return { webhook: webhook.name ?? '', service: namespacedName(namespace, name), fault }
}

const isBroken = (checked: Checked): checked is Broken => checked.fault !== null && checked.fault !== 'unknown'

/** One that is broken is enough to know; that none is asks for all to be looked at. */
function broken(
  { object }: Subject<'webhook'>,
  { snapshot }: View,
  read: (broken: readonly Broken[]) => Reading,
): Reading {
  const checked = (object.webhooks ?? []).filter(mustAnswer).map((webhook) => check(webhook, snapshot))
  const found = checked.filter(isBroken)
  const blind = checked.find(({ fault }) => fault === 'unknown')
  if (found.length > 0 || !blind) return read(found)
  return unknown('not-listed', `nobody looked at Service ${blind.service} and its endpoints`)
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)]

/** Whether admission webhooks that must answer can be reached. */
export const WEBHOOK_FACTS: readonly Fact[] = [
  fact({
    name: 'webhookFault',
    subjects: ['webhook'],
    type: 'string',
    nullable: true,
    values: WEBHOOK_FAULTS,
    description:
      'Why a webhook with failurePolicy Fail cannot be reached: its Service does not exist, or none of its endpoints is ready; null when all can, or are reached by URL.',
    reads: READS,
    read: (subject, view) => broken(subject, view, ([first]) => known(first?.fault ?? null)),
  }),
  fact({
    name: 'unreachableWebhooks',
    subjects: ['webhook'],
    type: 'strings',
    description: 'The webhooks of the configuration that must answer and cannot be reached, by name.',
    reads: READS,
    read: (subject, view) => broken(subject, view, (found) => known(found.map(({ webhook }) => webhook))),
  }),
  fact({
    name: 'unreachableServices',
    subjects: ['webhook'],
    type: 'strings',
    description: 'The Services behind `unreachableWebhooks`, as `namespace/name`, and what is wrong with each.',
    reads: READS,
    read: (subject, view) =>
      broken(subject, view, (found) =>
        known(
          unique(
            found.map(({ service, fault }) =>
              fault === 'service-missing' ? `${service} (does not exist)` : `${service} (has no ready endpoint)`,
            ),
          ),
        ),
      ),
  }),
]
