import { Refusal } from '../errors.ts'
import { pieces } from '../respond.ts'
import type { Request, Route } from '../route.ts'

/** `GET /findings/:id`: one finding. */
export const finding: Route = {
  path: '/findings/:id',
  summary: 'One finding with its recommendations',
  guard: { resource: 'recommendations', namespaces },
  parameters: [],
  answer: ({ context, rooms: { publication }, sight }) => {
    const found = publication.find(context.req.param('id') ?? '', sight)
    if (found === undefined) throw new Refusal(404, 'not-found', 'no such finding now')
    return pieces(context, [found, '\n'])
  },
}

// Whoever may not read everything is told the same of a finding elsewhere as of one that is not there.
function namespaces({ context, rooms: { publication } }: Request): string[] {
  const namespace = publication.namespaceOf(context.req.param('id') ?? '')
  return namespace === undefined ? [] : [namespace]
}
