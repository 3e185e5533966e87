import type { ServedStatus } from '../../sinks/published.ts'
import { json } from '../respond.ts'
import type { Route } from '../route.ts'

/** `GET /status`: what the daemon is doing and what it cannot see. */
export const status: Route = {
  path: '/status',
  summary: 'What the daemon watches, by which rules, and what it cannot see',
  guard: { resource: 'status' },
  parameters: [],
  answer: ({ context, rooms }) => {
    const served: ServedStatus = { ...rooms.status(), server: { reads: rooms.reads, tls: rooms.secure } }
    return json(context, served)
  },
}
