import type { Status } from '../../sinks/status.ts'
import { plainText } from '../../util/text.ts'
import { json } from '../respond.ts'
import type { Route } from '../route.ts'

/** `GET /health`: whether something is wrong with dogwatch itself, for a person. */
export const health: Route = {
  path: '/health',
  summary: 'Whether something is wrong with dogwatch itself, and what',
  guard: { resource: 'status' },
  parameters: [],
  answer: ({ context, rooms }) => {
    const reasons = troubles(rooms.status()).map(plainText)
    return json(context, { status: reasons.length === 0 ? 'ok' : 'degraded', reasons })
  },
}

const troubles = ({ ready, blind, rules, checkpoint }: Status): string[] => [
  ...ready.waitingFor,
  ...blind.map(({ resource, reason, detail }) => `${resource}: ${reason}${detail === '' ? '' : ` (${detail})`}`),
  ...rules.problems.map(
    ({ file, line, message, kept }) => `${file}:${line}: ${message}${kept ? '; its last good rules are in force' : ''}`,
  ),
  ...rules.disabled.map(({ rule, reason }) => `rule ${rule} is disabled: ${reason}`),
  ...(checkpoint.problem === null ? [] : [`checkpoint: ${checkpoint.problem}`]),
]
