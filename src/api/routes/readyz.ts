import { json } from '../respond.ts'
import type { Route } from '../route.ts'

/** `GET /readyz`: whether everything was seen and judged, and nothing is stale. */
export const readyz: Route = {
  path: '/readyz',
  summary: 'Whether everything was seen and judged once, and nothing is stale',
  guard: 'open',
  parameters: [],
  answer: ({ context, rooms: { status, reads } }) => {
    const { synced, fresh, waitingFor } = status().ready
    // What it waits for names kinds, namespaces and errors: not for those who have not said who they are.
    const what = reads === 'token' ? { waiting: waitingFor.length } : { waitingFor }
    return json(context, { ready: synced && fresh, synced, fresh, ...what }, synced && fresh ? 200 : 503)
  },
}
