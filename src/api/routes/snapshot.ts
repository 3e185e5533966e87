import { pieces } from '../respond.ts'
import type { Route } from '../route.ts'

/** `GET /snapshot`: what is held of the cluster, as `dogwatch scan -f` reads it. */
export const snapshot: Route = {
  path: '/snapshot',
  summary: 'What is held of the cluster, as `dogwatch scan -f` reads it',
  guard: { resource: 'snapshot' },
  parameters: [],
  answer: ({ context, rooms }) => {
    const text = rooms.snapshot()
    return pieces(context, typeof text === 'string' ? [text] : text)
  },
}
