import assert from 'node:assert/strict'
import { request } from 'node:https'
import { describe, test } from 'node:test'
import { AUDIENCE } from '../../src/api/access/reviews.ts'
import { answerLate, refuseConnection, refuseWith } from '../../src/simulator/fault-effects.ts'
import type { FaultEffect } from '../../src/simulator/faults.ts'
import { crashes } from '../../src/simulator/world/behaviour.ts'
import type { Envelope } from '../../src/sinks/envelope.ts'
import { readStream } from '../../src/util/files.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { rest, VirtualClock } from '../../src/util/virtual-clock.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'

/** It is loopback, and not taken for it: whoever asks there must say who they are. */
const OFF_LOOPBACK = '127.1:0'

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: unknown
}

function ask(daemon: LivingDaemon, path: string, token?: string): Promise<Answer> {
  const { port } = new URL(daemon.url)
  const headers = { host: `127.0.0.1:${port}`, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, headers, agent: false, rejectUnauthorized: false },
      (answer) => {
        const { statusCode = 0, headers: given } = answer
        readStream(answer)
          .then((text) => resolve({ status: statusCode, retryAfter: given['retry-after'], body: JSON.parse(text) }))
          .catch(reject)
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

const saying = (status: number, body: string): FaultEffect => ({ answer: () => ({ status, body }) })

const FAULTS: Readonly<Record<string, FaultEffect>> = {
  'cannot be reached': refuseConnection(),
  'answer 500': refuseWith(500),
  'answer 403, for a right was taken away': refuseWith(403),
  'never answer': answerLate(),
  'answer with no JSON': saying(201, '<html>'),
  'answer with no verdict': saying(201, '{"kind":"TokenReview"}'),
  'answer with a verdict of another type': saying(
    201,
    '{"status":{"authenticated":"yes","allowed":"yes","user":{"username":"x"}}}',
  ),
}

const REVIEWS = ['tokenreviews.authentication.k8s.io', 'subjectaccessreviews.authorization.k8s.io']

describe('fault 63: off loopback, reviews of those who ask', () => {
  for (const resource of REVIEWS)
    for (const [words, effect] of Object.entries(FAULTS))
      test(`${resource} ${words}: nobody is let in, detection goes on, and all is well again after`, async () => {
        const cluster = new Cluster()
        const wall = new VirtualClock(Date.now())
        const user = { username: 'poller', groups: ['system:masters'] }
        const token = cluster.server.tokens.issue({ user, audiences: [AUDIENCE] })
        await using daemon = await LivingDaemon.open(cluster, { wall, listen: OFF_LOOPBACK })
        await daemon.begun()
        /** Asks anew: what was known of a caller is forgotten, and so is that a review failed. */
        const anew = async (): Promise<Answer> => {
          await wall.advance(2 * MINUTE)
          const asked = ask(daemon, '/recommendations', token)
          const over = asked.then(() => true)
          while (!(await Promise.race([over, rest(50).then(() => false)]))) await wall.advance(SECOND)
          return asked
        }
        assert.equal((await anew()).status, 200)
        const fault = cluster.server.faults.plant({ resource }, effect)
        cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }))
        const refused = await anew()
        assert.equal(fault.reached, 1, 'the fault was not reached')
        assert.deepEqual([refused.status, refused.retryAfter], [503, '5'])
        assert.match(JSON.stringify(refused.body), /"unavailable".*who you are and what you may read/)
        assert.equal((await ask(daemon, '/recommendations')).status, 401)
        assert.equal((await ask(daemon, '/healthz')).status, 200)
        await cluster.pass(3 * MINUTE)
        assert.deepEqual(daemon.storyOf('crash-loop'), ['firing'])
        assert.equal(daemon.failed, undefined)
        assert.equal((await anew()).status, 503)
        assert.ok(daemon.said.some(({ event }) => event === 'review failed'))
        assert.ok(!JSON.stringify(daemon.said).includes(token), 'a token is in the log')
        fault.remove()
        const { status, body } = await anew()
        assert.equal(status, 200)
        const found = (body as Envelope).items.filter(({ rule }) => rule.id === 'crash-loop')
        assert.deepEqual(
          found.map(({ state }) => state),
          ['firing'],
        )
      })
})
