import { json } from '../respond.ts'
import type { Route } from '../route.ts'

/** `GET /healthz`: that the process answers. */
export const healthz: Route = {
  path: '/healthz',
  summary: 'That the process is alive',
  guard: 'open',
  parameters: [],
  answer: ({ context }) => json(context, { status: 'ok' }),
}
