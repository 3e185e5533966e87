import { formatTime } from '../../util/time.ts'
import { WARM_UP_MS } from '../standing.ts'
import { pass, type Gate } from './gate.ts'

export const warmUp: Gate = {
  name: 'warm-up',
  holds: 'until-approved',
  description: 'Asks while dogwatch has not watched for long enough.',
  judge: ({ proposal: { rule, object }, standing }) => {
    const until = standing.warmUntil({ rule, namespace: object.namespace })
    if (until === undefined) return pass(standing.watched ? 'watched for long enough' : 'one look, nothing is watched')
    return {
      answer: 'ask',
      reason: 'warming-up',
      detail: `watches without a gap since ${formatTime(until - WARM_UP_MS)}`,
      until,
    }
  },
}
