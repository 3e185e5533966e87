import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remember } from '../../../src/cli/demo/past.ts'
import { readDump } from '../../../src/cluster/dump.ts'
import { subjectsIn } from '../../../src/facts/subject.ts'
import { ObjectTable } from '../../../src/simulator/table.ts'
import { livingShop } from '../../../src/simulator/world/shop.ts'
import { seededRandom } from '../../../src/util/seeded-random.ts'
import { MINUTE } from '../../../src/util/time.ts'
import { VirtualClock } from '../../../src/util/virtual-clock.ts'
import { shippedRules } from '../../support/judge.ts'
import { storeOf } from '../../support/recordings.ts'
import { dumpOfTable } from '../../support/worlds.ts'

test('after a week the shipped rules know what all need that were seen, that the catalog alone asks for too much, and not what runs of seconds need', async () => {
  const clock = new VirtualClock(Date.parse('2026-11-25T02:11:43Z'))
  const random = seededRandom(5)
  const table = new ObjectTable({ clock, random })
  const shop = livingShop(table, { clock, random })
  const json = dumpOfTable(table, shop.metrics, clock.now())
  const snapshot = storeOf(readDump([{ name: 'shop', json }], { complete: false }))
  // A thousand samples are the least that the rules are content with.
  const past = await remember(shop.usageHistory(8, 10 * MINUTE), snapshot)
  const { rules } = await shippedRules()
  const answers = (id: string): string[] => {
    const rule = rules.find((one) => one.rule.id === id)
    assert.ok(rule)
    const said = subjectsIn('container', snapshot).flatMap((subject) => {
      const evaluation = rule.evaluate(subject, { snapshot, now: clock.now(), past })
      const owner = snapshot.owners(subject.object).chain.at(-1) ?? subject.object
      return evaluation?.truth === 'false' ? [] : [`${evaluation?.truth} ${owner.kind} ${owner.metadata.name}`]
    })
    return [...new Set(said)]
  }
  assert.deepEqual(answers('over-provisioned'), ['unknown CronJob settlement', 'true Deployment catalog'])
  assert.deepEqual(answers('under-provisioned'), [])
  shop.stop()
})
