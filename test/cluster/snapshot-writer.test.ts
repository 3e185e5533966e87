import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { storeOf, type ClusterLook } from '../../src/cluster/cluster-look.ts'
import { lookAtDump } from '../../src/cluster/dump-look.ts'
import { projectObject, readDump } from '../../src/cluster/dump.ts'
import type { Blind, Looks, Where } from '../../src/cluster/look.ts'
import { KINDS, type AnyObject } from '../../src/cluster/kinds.ts'
import { writeSnapshot } from '../../src/cluster/snapshot-writer.ts'
import * as build from '../support/build.ts'
import { RECORDINGS, recordedJson } from '../support/recordings.ts'

type Written = Pick<ClusterLook, 'objects' | 'looks' | 'takenAt' | 'cluster'>

const readBack = (look: Written): ClusterLook =>
  lookAtDump([{ file: 'snapshot.json', text: writeSnapshot(look) }], { complete: false, now: 0 })

function assertSame(found: ClusterLook, look: Written): void {
  assert.deepEqual(found.objects, look.objects)
  assert.deepEqual(found.looks, look.looks)
  assert.equal(found.takenAt, look.takenAt)
  assert.equal(found.cluster, look.cluster)
}

const readRecording = (name: string): ClusterLook =>
  lookAtDump([{ file: name, text: JSON.stringify(recordedJson(name)) }], { complete: false, now: 0 })

describe('a snapshot', () => {
  for (const name of RECORDINGS)
    test(`of ${name} reads back as the same look`, () => {
      const look = readRecording(name)
      assertSame(readBack(look), look)
    })

  const name = fc.constantFrom('shop', 'web', 'kube-system', 'a', 'b-1')
  const kind = fc.constantFrom(
    ...KINDS.map(({ resource }) => resource),
    'rollouts.argoproj.io',
    'kafkas.kafka.strimzi.io',
  )
  const where: fc.Arbitrary<Where> = fc.oneof(fc.constant('all' as const), fc.uniqueArray(name))
  const blind: fc.Arbitrary<Blind> = fc
    .tuple(
      fc.constantFrom('not-listed', 'forbidden', 'failed', 'not-installed'),
      fc.constantFrom('pods: forbidden', 'nodes: "quoted" {"a":1}, and more', 'services: ünknown'),
    )
    .map(([unknown, detail]) => ({ unknown, detail }))
  const looks: fc.Arbitrary<Looks> = fc
    .tuple(
      fc.array(fc.tuple(kind, where)),
      fc.array(fc.tuple(kind, blind)),
      fc.constantFrom('not-installed', 'not-listed'),
    )
    .map(([listed, blinds, unnamed]) => ({ listed: new Map(listed), blind: new Map(blinds), unnamed }))
  const objects = fc.constantFrom<AnyObject[]>(
    [],
    [build.projected(build.pod({ labels: { ['__proto__']: 'x', 'a"b': '\u2028' } }))],
    Object.values(build.deployed()).map(build.projected),
    [build.projected(build.podMetrics({ metadata: { uid: undefined } }))],
  )

  test('of any look reads back as the same look', () =>
    fc.assert(
      fc.property(
        objects,
        looks,
        fc.date({ noInvalidDate: true }),
        fc.option(fc.uuid(), { nil: undefined }),
        (...parts) => {
          const [some, looked, date, cluster] = parts
          const look = { objects: some, looks: looked, takenAt: date.getTime(), cluster }
          assertSame(readBack(look), look)
        },
      ),
    ))

  test('tells every namespace as the look does', () => {
    const look: Written = {
      objects: [],
      takenAt: build.NOW,
      cluster: 'uid',
      looks: {
        listed: new Map<string, Where>([
          ['nodes', 'all'],
          ['pods', ['shop', 'web']],
          ['services', ['shop']],
        ]),
        blind: new Map([['services', { unknown: 'forbidden', detail: 'services in namespace web: no' }]]),
        unnamed: 'not-installed',
      },
    }
    const annotations = (JSON.parse(writeSnapshot(look)) as { metadata: { annotations: object } }).metadata.annotations
    assert.deepEqual(annotations, {
      'dogwatch.io/recorded-at': '2026-11-21T12:00:00.000Z',
      'dogwatch.io/cluster': 'uid',
      'dogwatch.io/listed': 'nodes,pods,services',
      'dogwatch.io/listed-namespaces': 'shop,web',
      'dogwatch.io/listed-elsewhere': '{"nodes":["*"],"services":["shop"]}',
      'dogwatch.io/blind': '{"services":{"unknown":"forbidden","detail":"services in namespace web: no"}}',
    })
    const store = storeOf(readBack(look), undefined)
    assert.equal(store.look('nodes'), 'listed')
    assert.equal(store.look('services', 'shop'), 'listed')
    assert.deepEqual(store.look('services', 'web'), { unknown: 'forbidden', detail: 'services in namespace web: no' })
  })

  test('is a List with one object a line, and no secrets', () => {
    const env = [{ name: 'PASSWORD', value: 'hunter2' }]
    const pod = build.projected(build.pod({ spec: { containers: [{ name: 'app', env, args: ['--key=hunter2'] }] } }))
    const text = writeSnapshot({ ...readRecording('oom'), objects: [pod, build.projected(build.node())] })
    assert.equal(text.split('\n').length, 5)
    assert.doesNotMatch(text, /hunter2/)
    const list = JSON.parse(text) as { kind: string; items: { kind: string }[] }
    assert.equal(list.kind, 'List')
    assert.deepEqual(
      list.items.map((item) => item.kind),
      ['Pod', 'Node'],
    )
  })
})

describe('what a dump says wrongly about itself counts as not said', () => {
  const said = (annotations: Record<string, unknown>): Looks =>
    readDump([{ name: 'x', json: { kind: 'List', metadata: { annotations }, items: [] } }], { complete: false }).looks

  test('text that is no JSON, or other JSON', () => {
    for (const text of ['{', '[]', '7', '{"pods":7}', '{"pods":{"unknown":7}}', 7]) {
      const looks = said({
        'dogwatch.io/listed': 'nodes',
        'dogwatch.io/blind': text,
        'dogwatch.io/listed-elsewhere': text,
      })
      assert.equal(looks.listed.get('nodes'), 'all')
      for (const { unknown } of looks.blind.values()) assert.equal(unknown, 'failed')
    }
  })

  test('a reason that is none, and control characters', () => {
    const blind = JSON.stringify({ pods: { unknown: 'fine', detail: 'a\u001b[2Jb' } })
    assert.deepEqual(said({ 'dogwatch.io/listed': '', 'dogwatch.io/blind': blind }).blind.get('pods'), {
      unknown: 'failed',
      detail: 'a [2Jb',
    })
  })
})

describe('projection', () => {
  for (const name of RECORDINGS)
    test(`of the projected objects of ${name} changes nothing`, () => {
      for (const object of readRecording(name).objects)
        assert.deepEqual(projectObject(object, { ...object }), object, `${object.kind} ${object.metadata.name}`)
    })
})
