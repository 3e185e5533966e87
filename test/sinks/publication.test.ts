import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { byGravity } from '../../src/engine/gravity.ts'
import type { FindingView } from '../../src/sinks/envelope.ts'
import type { Listing } from '../../src/sinks/listing.ts'
import { Publication, type Gone, type PublicationUpdate } from '../../src/sinks/publication.ts'
import type { Published } from '../../src/sinks/published.ts'
import { finding, recommendation } from '../support/envelopes.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const SCORES = { health: 100, delivery: 100, storage: 100, scaling: 100, efficiency: 100 }
const MINUTE = 60_000

const publication = (options: { tombstones?: number; waiters?: number } = {}): Publication =>
  new Publication({ epoch: 'e1', cluster: 'test', now: () => NOON, ...options })

const update = (seed: Partial<PublicationUpdate> = {}): PublicationUpdate => ({
  changed: [],
  gone: [],
  unknown: [],
  incomplete: [],
  scores: SCORES,
  at: NOON,
  ...seed,
})

const inNamespace = (id: string, namespace: string, seed: Partial<FindingView> = {}): FindingView =>
  finding({ id, target: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: id, uid: id }, ...seed })

const textOf = (listing: Listing): string => Buffer.concat([...listing.json()]).toString()

function there<T extends Published>(listing: Listing<T> | Gone): Listing<T>['envelope'] {
  assert.ok(listing !== 'gone', 'list again')
  const text = textOf(listing)
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(listing.envelope)), 'the text says the same as the data')
  return listing.envelope
}
const ids = (listing: Listing | Gone): string[] => there(listing).items.map(({ id }) => id)

test('before anything was looked at nothing is found, and that is not said to be all', () => {
  const all = publication()
  const { complete, incomplete, items, revision } = there(all.page({}))
  assert.deepEqual([complete, items], [false, []])
  assert.deepEqual(incomplete, [{ resource: '*', reason: 'not-synced', detail: 'nothing was looked at yet' }])
  all.update(update())
  const seen = there(all.page({}))
  assert.deepEqual([seen.complete, seen.incomplete], [true, []])
  assert.notEqual(seen.revision, revision)
})

test('findings are given by severity, then by id', () => {
  const all = publication()
  const views = [
    finding({ id: 'b', severity: 'low' }),
    finding({ id: 'c', severity: 'critical' }),
    finding({ id: 'a', severity: 'low' }),
  ]
  all.update(update({ changed: views }))
  assert.deepEqual(ids(all.page({})), ['c', 'a', 'b'])
  all.update(update({ changed: [finding({ id: 'a', severity: 'high' }), finding({ id: 'd', severity: 'critical' })] }))
  assert.deepEqual(ids(all.page({})), ['c', 'd', 'a', 'b'])
})

test('what is kept in order is what sorting would give, after any updates', () => {
  const change = fc.record({
    id: fc.integer({ min: 0, max: 12 }).map(String),
    severity: fc.constantFrom('critical', 'high', 'low'),
    gone: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 12 }), (steps) => {
      const all = publication()
      const model = new Map<string, FindingView>()
      const before: { revision: string; items: Map<string, string> }[] = []
      for (const step of steps) {
        before.push({ revision: all.revision, items: new Map([...model].map(([id, { severity }]) => [id, severity])) })
        const last = [...new Map(step.map((one) => [one.id, one])).values()]
        const gone = last.filter((one) => one.gone).map(({ id }) => id)
        const changed = last.filter((one) => !one.gone).map(({ id, severity }) => finding({ id, severity }))
        all.update(update({ changed, gone }))
        for (const id of gone) model.delete(id)
        for (const view of changed) model.set(view.id, view)
      }
      const rank = { critical: 0, high: 1, medium: 2, low: 3, info: 4 }
      const sorted = [...model.values()].toSorted(
        (a, b) => rank[a.severity] - rank[b.severity] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
      )
      assert.deepEqual(
        ids(all.page({})),
        sorted.map(({ id }) => id),
      )
      for (const { revision, items } of before) {
        const { items: changed, tombstones } = there(all.since(revision, {}))
        for (const { id, severity } of changed) items.set(id, severity)
        for (const { id } of tombstones) items.delete(id)
        assert.deepEqual(
          [...items].toSorted(([a], [b]) => (a < b ? -1 : 1)),
          [...model].map(([id, { severity }]) => [id, severity] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
          'a list and the changes since then give what is current',
        )
      }
    }),
  )
})

test('the same again, or seen later, moves nothing', () => {
  const all = publication()
  all.update(update({ changed: [finding()] }))
  const { revision } = all
  const before = textOf(all.page({}) as Listing)
  all.update(update({ at: NOON + 20 * MINUTE, changed: [finding({ lastSeen: '2026-11-21T12:20:00Z' })] }))
  assert.equal(all.revision, revision)
  assert.equal(textOf(all.page({}) as Listing), before, 'the same bytes for the same revision')
})

const SUBSTANCE: Partial<FindingView>[] = [
  { state: 'resolved' },
  { severity: 'high' },
  { causedBy: 'other' },
  { target: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'another' } },
  { recommendations: [recommendation({ decision: { ...recommendation().decision, verdict: 'ask' } })] },
  { recommendations: [] },
]
for (const change of SUBSTANCE)
  test(`${Object.keys(change).join()} moves the revision at once`, () => {
    const all = publication()
    all.update(update({ changed: [finding()] }))
    const { revision } = all
    all.update(update({ at: NOON + 1, changed: [finding(change)] }))
    assert.notEqual(all.revision, revision)
  })

test('evidence is refreshed every 5 minutes at most, and comes even when nobody speaks of that finding again', () => {
  const all = publication()
  all.update(update({ changed: [finding({ id: 'a' }), finding({ id: 'b' })] }))
  const { revision } = all
  all.update(update({ at: NOON + MINUTE, changed: [finding({ id: 'a', message: 'restarted 8 times' })] }))
  assert.equal(all.revision, revision, 'held back')
  all.update(update({ at: NOON + 5 * MINUTE - 1 }))
  assert.equal(all.revision, revision, 'still held back')
  all.update(update({ at: NOON + 5 * MINUTE }))
  const changes = there(all.since(revision, {}))
  assert.deepEqual(
    changes.items.map(({ id, message }) => [id, message]),
    [['a', 'restarted 8 times']],
  )
  assert.equal(changes.generatedAt, '2026-11-21T12:05:00Z')
})

test('evidence that has gone back to what it was is no change', () => {
  const all = publication()
  all.update(update({ changed: [finding()] }))
  const { revision } = all
  all.update(update({ at: NOON + MINUTE, changed: [finding({ message: 'other' })] }))
  all.update(update({ at: NOON + 2 * MINUTE, changed: [finding()] }))
  all.update(update({ at: NOON + 9 * MINUTE }))
  assert.equal(all.revision, revision)
})

test('held evidence of a finding that is gone does not bring it back', () => {
  const all = publication()
  all.update(update({ changed: [finding()] }))
  all.update(update({ at: NOON + MINUTE, changed: [finding({ message: 'other' })] }))
  all.update(update({ at: NOON + 9 * MINUTE, gone: [finding().id] }))
  assert.deepEqual(ids(all.page({})), [])
})

test('a clock that is set back does not hold evidence for as long', () => {
  const all = publication()
  all.update(update({ changed: [finding()] }))
  all.update(update({ at: NOON - 60 * MINUTE, changed: [finding({ message: 'other' })] }))
  assert.equal(there(all.page({})).items[0]?.message, 'other')
})

test('a finding that is gone leaves a tombstone, until it is back', () => {
  const all = publication()
  all.update(update({ changed: [finding({ id: 'a' }), finding({ id: 'b' })] }))
  const { revision } = all
  all.update(update({ gone: ['a', 'never-was'] }))
  assert.deepEqual(there(all.since(revision, {})).tombstones, [{ id: 'a', revision: 'e1.2' }])
  all.update(update({ changed: [finding({ id: 'a' })] }))
  const changes = there(all.since(revision, {}))
  assert.deepEqual([changes.items.map(({ id }) => id), changes.tombstones], [['a'], []])
})

test('a revision of another life, from the future or too old is gone', () => {
  const all = publication({ tombstones: 2 })
  for (const id of ['a', 'b', 'c']) all.update(update({ changed: [finding({ id })] }))
  const { revision } = all
  for (const unknown of ['e2.1', 'e1.99', 'e1.-1', 'e1.', 'e1.1x', '', 'nonsense', 'e1.1e0'])
    assert.equal(all.since(unknown, {}), 'gone', unknown)
  all.update(update({ gone: ['a'] }))
  all.update(update({ gone: ['b', 'c'] }))
  assert.equal(all.since(revision, {}), 'gone', 'of three tombstones the first is forgotten')
  assert.deepEqual(
    there(all.since('e1.4', {})).tombstones.map(({ id }) => id),
    ['b', 'c'],
  )
})

test('filters choose, and what has left them counts as gone', () => {
  const all = publication()
  all.update(
    update({ changed: [inNamespace('a', 'shop'), inNamespace('b', 'data'), finding({ id: 'c', severity: 'low' })] }),
  )
  assert.deepEqual(ids(all.page({ filters: { namespace: ['data'] } })), ['b'])
  assert.deepEqual(ids(all.page({ filters: { severity: ['low', 'high'] } })), ['c'])
  assert.deepEqual(ids(all.page({ filters: { kind: ['Node'] } })), [])
  const { revision } = all
  all.update(update({ changed: [inNamespace('a', 'shop', { state: 'resolved' })] }))
  const changes = there(all.since(revision, { filters: { state: ['firing'] } }))
  assert.deepEqual([changes.items, changes.tombstones.map(({ id }) => id)], [[], ['a']])
})

test('pages follow one another, whatever comes and goes between them', () => {
  const all = publication()
  const views = Array.from({ length: 7 }, (_, i) => inNamespace(`f${i}`, i % 2 === 0 ? 'shop' : 'data'))
  all.update(update({ changed: views }))
  const filters = { namespace: ['shop'] }
  const first = there(all.page({ filters, limit: 2 }))
  assert.deepEqual(
    first.items.map(({ id }) => id),
    ['f0', 'f2'],
  )
  const second = there(all.page({ filters, limit: 2, continue: first.next ?? '' }))
  assert.deepEqual([second.items.map(({ id }) => id), second.next], [['f4', 'f6'], null])
  assert.equal(all.page({ limit: 2, continue: first.next ?? '' }), 'gone', 'the token is of another question')
  assert.equal(all.page({ filters, continue: 'AAAA' }), 'gone')
  all.update(update({ changed: [inNamespace('f1a', 'shop')], gone: ['f2', 'f6'] }))
  const later = there(all.page({ filters, limit: 2, continue: first.next ?? '' }))
  assert.deepEqual([later.items.map(({ id }) => id), later.next, later.revision], [['f4'], null, first.revision])
  const changes = there(all.since(later.revision, { filters }))
  assert.deepEqual([changes.items.map(({ id }) => id), changes.tombstones.map(({ id }) => id)], [['f1a'], ['f2', 'f6']])
})

const severities = fc.constantFrom('critical', 'high', 'low' as const)
const happenings = fc.array(
  fc.oneof(
    fc.record({ put: fc.nat({ max: 9 }), severity: severities }),
    fc.record({ drop: fc.nat({ max: 9 }) }),
    fc.constant('page' as const),
  ),
  { maxLength: 40 },
)

test('pages of different moments, with what has changed since the first, are what there is', () => {
  fc.assert(
    fc.property(happenings, fc.integer({ min: 1, max: 4 }), (story, limit) => {
      const all = publication()
      const known = new Map<string, FindingView>()
      const { revision } = all
      let next: string | null | undefined
      // Gives whether there is another page.
      const turn = (): boolean => {
        if (next === null) return false
        const page = there(all.page({ limit, continue: next }))
        assert.equal(page.revision, revision)
        next = page.next
        for (const item of page.items) known.set(item.id, item)
        return true
      }
      turn()
      for (const happening of story)
        if (happening === 'page') turn()
        else if ('put' in happening)
          all.update(update({ changed: [finding({ id: `f${happening.put}`, severity: happening.severity })] }))
        else all.update(update({ gone: [`f${happening.drop}`] }))
      while (turn());
      const { items, tombstones } = there(all.since(revision, {}))
      for (const { id } of tombstones) known.delete(id)
      for (const item of items) known.set(item.id, item)
      const now = there(all.page({})).items
      assert.deepEqual([...known.values()].toSorted(byGravity), now)
    }),
  )
})

test('an answer on its way out stays what it was', () => {
  const all = publication()
  all.update(update({ changed: [finding({ id: 'a' }), finding({ id: 'b' })] }))
  const listing = all.page({}) as Listing
  const pieces = listing.json()[Symbol.iterator]()
  const begun = Buffer.from(pieces.next().value as Uint8Array).toString()
  all.update(update({ changed: [finding({ id: 'a', severity: 'low' })], gone: ['b'] }))
  const { items } = JSON.parse(begun + Buffer.concat([...{ [Symbol.iterator]: () => pieces }]).toString()) as Published
  assert.deepEqual(
    items.map(({ id, severity }) => [id, severity]),
    [
      ['a', 'critical'],
      ['b', 'critical'],
    ],
  )
})

test('whoever may see one namespace learns nothing of another', () => {
  const all = publication()
  const secret = inNamespace('hidden', 'vault')
  const unknown = [
    {
      rule: 'over-provisioned',
      category: 'efficiency' as const,
      reason: 'stale' as const,
      detail: 'vault/db: nothing was heard',
      subjects: {
        count: 40,
        sample: [
          { kind: 'Deployment', namespace: 'vault', name: 'db', uid: 'u1' },
          { kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'u2' },
        ],
      },
    },
    {
      rule: 'probe-failing',
      category: 'health' as const,
      reason: 'stale' as const,
      subjects: { count: 1, sample: [{ kind: 'Pod', namespace: 'vault', name: 'db-0', uid: 'u3' }] },
    },
  ]
  const incomplete = [
    { resource: 'pods', reason: 'forbidden' as const, detail: 'pods in namespace "vault" are forbidden' },
  ]
  all.update(
    update({
      changed: [
        inNamespace('mine', 'shop', { state: 'inhibited', causedBy: 'hidden' }),
        secret,
        finding({ id: 'node', target: { apiVersion: 'v1', kind: 'Node', name: 'worker-3', uid: 'n' } }),
      ],
      unknown,
      incomplete,
      scores: { ...SCORES, health: 25 },
    }),
  )
  const sight = new Set(['shop'])
  const { revision } = all
  const page = all.page({ sight })
  const text = textOf(page as Listing)
  for (const word of ['hidden', 'vault', 'db', 'worker-3', '40', 'probe-failing']) assert.ok(!text.includes(word), word)
  const envelope = there(page)
  assert.deepEqual(envelope.restricted, { namespaces: ['shop'] })
  assert.equal(envelope.complete, false, 'that something cannot be read is said to everybody')
  assert.equal(envelope.items[0]?.causedBy, null)
  assert.deepEqual([envelope.scores.health, envelope.scores.efficiency], [100, 99])
  assert.equal(all.find('hidden', sight), undefined)
  assert.equal(all.find('node', sight), undefined)
  assert.match(all.find('mine', sight) ?? '', /"causedBy":null/)
  all.update(update({ gone: ['hidden', 'node'], unknown, incomplete, scores: { ...SCORES, health: 25 } }))
  const changes = there(all.since(revision, { sight }))
  assert.deepEqual([changes.items, changes.tombstones], [[], []])
})

test('a rule that becomes unknown and a kind that cannot be read move the revision; how many does not', () => {
  const all = publication()
  const unknownOf = (count: number) => [
    { rule: 'r', category: 'health' as const, reason: 'stale' as const, subjects: { count, sample: [] } },
  ]
  all.update(update({ unknown: unknownOf(1) }))
  const { revision } = all
  all.update(update({ at: NOON + MINUTE, unknown: unknownOf(2) }))
  assert.equal(all.revision, revision)
  all.update(update({ at: NOON + 6 * MINUTE, unknown: unknownOf(2) }))
  assert.notEqual(all.revision, revision)
  const later = all.revision
  all.update(
    update({
      at: NOON + 6 * MINUTE,
      unknown: unknownOf(2),
      incomplete: [{ resource: 'pods', reason: 'failed', detail: '' }],
    }),
  )
  assert.notEqual(all.revision, later)
})

test('who waits is woken by what concerns them alone, and only so many may wait', async () => {
  const all = publication({ waiters: 2 })
  all.update(update({ changed: [inNamespace('a', 'shop'), inNamespace('b', 'data')] }))
  const stop = new AbortController()
  const shop = all.wait({ sight: new Set(['shop']) }, stop.signal)
  const high = all.wait({ filters: { severity: ['high'] } }, stop.signal)
  assert.equal(await all.wait({}, stop.signal), 'busy')
  all.update(update({ changed: [inNamespace('b', 'data', { severity: 'low' })] }))
  const news = await Promise.race([shop, high, Promise.resolve('nothing')])
  assert.equal(news, 'nothing')
  all.update(update({ changed: [inNamespace('a', 'shop', { severity: 'high' })] }))
  assert.deepEqual(await Promise.all([shop, high]), ['moved', 'moved'])
  const last = all.wait({}, stop.signal)
  stop.abort()
  assert.equal(await last, 'stopped')
  assert.equal(await all.wait({}, stop.signal), 'stopped')
})
