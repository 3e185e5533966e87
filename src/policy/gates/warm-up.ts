import { pass, type Gate } from './gate.ts'

export const warmUp: Gate = {
  name: 'warm-up',
  holds: 'until-approved',
  description: 'Asks while dogwatch has not watched for long enough.',
  judge: () => pass('one look, nothing is watched'),
}
