import assert from 'node:assert/strict'
import { assertStatus, namesIn, pick, type Check, type Home } from './home.ts'

const about = (home: Home, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  namespace: home.namespace,
  name,
  uid: name,
})

const newer = (home: Home, name: string, eventTime: string) => ({
  metadata: { name, namespace: home.namespace },
  eventTime,
  reportingController: 'dogwatch.io/test',
  reportingInstance: 'test-0',
  action: 'Recommend',
  reason: 'CrashLoop',
  type: 'Warning',
  note: 'it keeps crashing',
  regarding: about(home, 'web'),
})

export const EVENTS: readonly Check[] = [
  [
    'events are selected by type and by what they are about',
    async (home) => {
      const path = home.core('events')
      const post = (name: string, type: string, of: string) =>
        home.create(path, { metadata: { name }, involvedObject: about(home, of), reason: 'Test', message: name, type })
      await post('good', 'Normal', 'web')
      await post('bad', 'Warning', 'web')
      await post('worse', 'Warning', 'db')
      const selected = async (fieldSelector: string) =>
        namesIn(await home.expect({ path, query: { fieldSelector: `reason=Test,${fieldSelector}` } }))
      assert.deepEqual(await selected('type!=Normal'), ['bad', 'worse'])
      assert.deepEqual(await selected('involvedObject.name=web,involvedObject.kind=Pod'), ['bad', 'good'])
      assert.deepEqual(await selected('involvedObject.uid=db'), ['worse'])
    },
  ],
  [
    'an event of the newer API is the same object in the older',
    async (home) => {
      const path = home.of('events.k8s.io/v1', 'events')
      await home.create(path, newer(home, 'new', '2026-11-21T12:18:01.000000Z'))
      const core = await home.expect({ path: home.core('events/new') })
      assert.deepEqual(
        [
          'reason',
          'message',
          'type',
          'eventTime',
          'reportingComponent',
          'reportingInstance',
          'action',
          'involvedObject.name',
        ].map((field) => pick(core, field)),
        [
          'CrashLoop',
          'it keeps crashing',
          'Warning',
          '2026-11-21T12:18:01.000000Z',
          'dogwatch.io/test',
          'test-0',
          'Recommend',
          'web',
        ],
      )
      const again = await home.expect({ path: `${path}/new` })
      assert.deepEqual([pick(again, 'note'), pick(again, 'regarding.name')], ['it keeps crashing', 'web'])
      const short = { method: 'POST', path, body: newer(home, 'short', '2026-11-21T12:18:01.000Z') }
      assertStatus(await home.expect(short, 400), { code: 400, reason: 'BadRequest', message: /000000/ })
    },
  ],
]
