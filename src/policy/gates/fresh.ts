import { pass, type Gate } from './gate.ts'

export const fresh: Gate = {
  name: 'fresh',
  holds: 'for-everyone',
  description: 'Holds while something that the decision rests on is out of date.',
  judge: () => pass('one look, taken for this'),
}
