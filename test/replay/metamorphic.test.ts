import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FindingView } from '../../src/sinks/envelope.ts'
import { multiplied, renamingOf, shifted, withMoreNodes, withOtherImages, type DumpJson } from '../support/dumps.ts'
import { RECORDINGS, recordedJson } from '../support/recordings.ts'
import { scanDump } from '../support/scan-dump.ts'

const DAY = 86_400_000

const place = ({ target: { kind, namespace = '', name } }: FindingView): string => `${kind} ${namespace}/${name}`

/** What must not change: rules, targets, containers, states, and what explains what. */
function essence(items: readonly FindingView[]): string[] {
  const byId = new Map(items.map((finding) => [finding.id, finding]))
  return items
    .map((finding) => {
      const cause = finding.causedBy === null ? undefined : byId.get(finding.causedBy)
      const by = cause ? ` by ${cause.rule.id} ${place(cause)}` : ''
      return `${finding.rule.id} ${place(finding)} ${finding.container ?? ''} ${finding.state}${by}`
    })
    .toSorted()
}

const isPod = ({ kind }: { readonly kind: string }): boolean => kind === 'Pod'

const found = async (dump: DumpJson): Promise<string[]> => essence((await scanDump(dump)).envelope.items)

for (const name of RECORDINGS) {
  const dump = recordedJson(name) as DumpJson

  test(`${name}: other names of objects, namespaces and nodes, and other uids`, async () => {
    const renaming = renamingOf(dump)
    const { envelope } = await scanDump(dump)
    assert.deepEqual(await found(renaming(dump)), essence(renaming(envelope.items)))
  })

  test(`${name}: other images`, async () => {
    assert.deepEqual(await found(withOtherImages(dump)), await found(dump))
  })

  for (const by of [37 * DAY + 18_787_000, -3 * 365 * DAY - 7_000])
    test(`${name}: all times shifted by ${by / 1000} s`, async () => {
      assert.deepEqual(await found(shifted(dump, by)), await found(dump))
    })

  test(`${name}: more pods of what is broken`, async () => {
    const { items } = (await scanDump(dump)).envelope
    const broken = items.flatMap(({ subjects }) => subjects.sample.map(({ uid }) => uid))
    assert.deepEqual(await found(multiplied(dump, new Set(broken), 4)), essence(items))
  })

  test(`${name}: more nodes of the same shapes`, async () => {
    const { items } = (await scanDump(dump)).envelope
    const unwell = items.filter(({ target }) => target.kind === 'Node').map(({ target }) => target.name)
    assert.deepEqual(await found(withMoreNodes(dump, new Set(unwell))), essence(items))
  })

  test(`${name}: all of this at once`, async () => {
    const renaming = renamingOf(dump)
    const { items } = (await scanDump(dump)).envelope
    const broken = new Set(items.flatMap(({ subjects }) => subjects.sample.map(({ uid }) => uid)))
    const changed = shifted(withOtherImages(renaming(multiplied(dump, broken, 2))), 11 * DAY)
    assert.deepEqual(await found(changed), essence(renaming(items)))
  })
}

test('the changes do change what they say', () => {
  const dump = recordedJson('rollout-stuck') as DumpJson
  const text = (changed: DumpJson): string => JSON.stringify(changed)
  assert.match(text(dump), /"web-5f4fc978b5-5v7fg"/)
  assert.doesNotMatch(text(renamingOf(dump)(dump)), /web-5f4fc978b5|faults-rollout-stuck"|"node-1"|4acb8848/)
  assert.doesNotMatch(text(withOtherImages(dump)), /shop\/web:broken|"busybox/)
  assert.doesNotMatch(text(shifted(dump, DAY)), /2026-11-21T/)
  assert.equal(multiplied(dump, new Set(['4acb8848-4638-48c3-9e46-55938f4d37fb']), 3).items.filter(isPod).length, 6)
  assert.equal(withMoreNodes(dump, new Set()).items.length, dump.items.length + 1)
})
