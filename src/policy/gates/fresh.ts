import { hold, pass, type Gate } from './gate.ts'

export const fresh: Gate = {
  name: 'fresh',
  holds: 'for-everyone',
  description: 'Holds while something that the decision rests on is out of date.',
  judge: ({ proposal: { rule, object }, standing }) => {
    const unfresh = standing.unfresh({ rule, namespace: object.namespace })
    if (unfresh !== undefined) return hold('not-fresh', unfresh)
    return pass(standing.watched ? 'all that its rule reads is up to date' : 'one look, taken for this')
  },
}
