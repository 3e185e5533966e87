import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { crashes } from '../../src/simulator/world/behaviour.ts'
import type { Status } from '../../src/sinks/status.ts'
import { MINUTE, SECOND } from '../../src/util/time.ts'
import { Cluster, LivingDaemon } from '../support/living-daemon.ts'

const home = mkdtempSync(join(tmpdir(), 'dogwatch-rules-'))
after(() => rmSync(home, { recursive: true }))

const rule = (id: string, more: object = {}): object => ({
  id,
  subject: 'pod',
  severity: 'low',
  category: 'health',
  title: '{target} is there',
  conditions: { all: [{ fact: 'podDeleting', operator: 'equal', value: false }] },
  for: '3m',
  resolveAfter: '1m',
  explain: 'it is not being deleted',
  recommend: ['annotate-object'],
  runbook: 'https://wiki.example/there',
  examples: { fires: [{ podDeleting: false }], quiet: [{ podDeleting: true }], unknown: [{}] },
  ...more,
})

/** A directory of rules that is written to while a daemon reads it. */
class Directory {
  readonly path = mkdtempSync(join(home, 'rules-'))

  write(file: string, content: unknown): void {
    writeFileSync(join(this.path, file), typeof content === 'string' ? content : JSON.stringify(content))
  }

  remove(file: string): void {
    rmSync(join(this.path, file))
  }

  get config(): { readonly config: object } {
    return { config: { rules: { directories: [this.path] } } }
  }
}

/** Lets time pass until the daemon's rules are as they should be. */
async function until(
  cluster: Cluster,
  daemon: LivingDaemon,
  holds: (rules: Status['rules']) => boolean,
): Promise<Status['rules']> {
  // Files are read in real time, and virtual time passes meanwhile: as much as it takes.
  for (let i = 0; i < 20_000 && !holds(daemon.status().rules); i++) await cluster.pass(100)
  const { rules } = daemon.status()
  assert.ok(holds(rules), JSON.stringify(rules))
  return rules
}

const gate = async (daemon: LivingDaemon, id: string) => {
  const { items } = await daemon.recommendations()
  const gates = items.find((item) => item.rule.id === id)?.recommendations[0]?.decision.gates
  return gates?.find((one) => one.gate === 'blast')
}

const BAD: Readonly<Record<string, unknown>> = {
  'half written': '{ "id": "there", "subject": "po',
  'a fact that is none': rule('there', {
    conditions: { all: [{ fact: 'podDeleted', operator: 'equal', value: false }] },
  }),
  'nothing to hold': rule('there', { conditions: { all: [] } }),
  'code in a path': rule('there', { title: '{constructor.constructor("x")()}' }),
  'a prototype': '{ "__proto__": { "id": "there" }, "id": "there" }',
  'no JSON at all': '\u0000\u0001',
}

describe('fault 54: rule files that turn bad while the daemon runs', () => {
  test('each keeps its own last good rules, others go live, clocks of unchanged rules run on, and it says so', async () => {
    const cluster = new Cluster()
    const directory = new Directory()
    directory.write('there.json', rule('there'))
    await using daemon = await LivingDaemon.open(cluster, directory.config)
    cluster.deploy('web')
    await cluster.pass(2 * MINUTE)
    assert.deepEqual(daemon.storyOf('there'), ['pending'])
    const since = (await daemon.recommendations()).items.find((item) => item.rule.id === 'there')?.since
    for (const [words, content] of Object.entries(BAD)) {
      directory.write('there.json', content)
      directory.write('other.json', rule(`other-${words.replaceAll(' ', '-')}`))
      const rules = await until(cluster, daemon, ({ problems }) => problems.length > 0)
      assert.ok(
        rules.problems.every(({ file, kept }) => file.endsWith('there.json') && kept),
        words,
      )
      await until(cluster, daemon, () =>
        daemon.told.some(({ finding }) => finding.rule.id.endsWith(words.replaceAll(' ', '-'))),
      )
      directory.write('there.json', rule('there'))
      await until(cluster, daemon, ({ problems }) => problems.length === 0)
    }
    await cluster.pass(2 * MINUTE)
    assert.deepEqual(daemon.storyOf('there'), ['pending', 'pending>firing'])
    const found = (await daemon.recommendations()).items.find((item) => item.rule.id === 'there')
    assert.deepEqual([found?.state, found?.since], ['firing', since])
    assert.ok(daemon.said.some(({ event }) => event === 'rule file refused'))
  })

  test('a rule that goes takes its findings with it, at once, and no other', async () => {
    const cluster = new Cluster()
    const directory = new Directory()
    directory.write('there.json', rule('there'))
    directory.write('stays.json', rule('stays'))
    await using daemon = await LivingDaemon.open(cluster, directory.config)
    cluster.deploy('web')
    await cluster.pass(4 * MINUTE)
    directory.remove('there.json')
    await until(cluster, daemon, () => daemon.storyOf('there').includes('firing>resolved'))
    await cluster.pass(MINUTE)
    assert.deepEqual(daemon.storyOf('stays'), ['pending', 'pending>firing'])
    assert.ok(!(await daemon.found()).some((one) => one.includes(' there ')))
  })

  test('ten thousand rules in one file are refused, and nothing stands still', async () => {
    const cluster = new Cluster()
    const directory = new Directory()
    await using daemon = await LivingDaemon.open(cluster, directory.config)
    await cluster.pass(10 * SECOND)
    const { count } = daemon.status().rules
    directory.write(
      'many.json',
      Array.from({ length: 10_000 }, (_, number) => rule(`rule-${number}`)),
    )
    cluster.deploy('cart', crashes({ after: SECOND, exitCode: 1 }))
    const rules = await until(cluster, daemon, ({ problems }) => problems.length > 0)
    assert.equal(rules.count, count)
    await cluster.pass(MINUTE)
    assert.ok((await daemon.found()).includes('firing crash-loop Deployment/cart'))
  })
})

describe('invariant 11: a rule that matches too much', () => {
  test('is held until somebody says that it may, and that is heard without a restart', async () => {
    const cluster = new Cluster({ nodes: 3 })
    const directory = new Directory()
    await using daemon = await LivingDaemon.open(cluster, directory.config)
    cluster.deploy('web', undefined, { replicas: 12 })
    await cluster.pass(MINUTE)
    const greedy = rule('greedy', { for: '0s' })
    directory.write('greedy.json', greedy)
    const { held } = await until(cluster, daemon, (rules) => rules.held.length > 0)
    assert.equal(held[0]?.rule, 'greedy')
    assert.equal(held[0]?.matched, 12)
    await cluster.pass(SECOND)
    assert.equal((await gate(daemon, 'greedy'))?.answer, 'ask')
    const counted = daemon.status().counts.evaluations
    await cluster.pass(MINUTE)
    assert.ok(daemon.status().counts.evaluations - counted < 2000, 'everything is judged again and again')
    const [{ version } = { version: '' }] = held
    directory.write('acks.json', [
      { rule: 'greedy', version, reason: 'they are all to be there', at: '2026-11-21T12:00:00Z' },
    ])
    await until(cluster, daemon, (rules) => rules.held.length === 0)
    await cluster.pass(SECOND)
    assert.equal((await gate(daemon, 'greedy'))?.answer, 'pass')
    directory.write('greedy.json', rule('greedy', { for: '1s' }))
    await until(cluster, daemon, (rules) => rules.held.length > 0)
  })

  test('while nobody can say what it matches it is counted again now and then, and not all the time', async () => {
    const cluster = new Cluster({ nodes: 3 })
    const directory = new Directory()
    await using daemon = await LivingDaemon.open(cluster, directory.config)
    cluster.deploy('web', undefined, { replicas: 12 })
    cluster.server.provideMetrics(undefined)
    await cluster.pass(MINUTE)
    let counted = 0
    const book = daemon.daemon.rules
    const count = book.count.bind(book)
    book.count = (all, ...given) => {
      const judged = () => (counted++, all.judged())
      return count({ idle: all.idle, judged }, ...given)
    }
    directory.write(
      'unknown.json',
      rule('unknown', {
        subject: 'container',
        conditions: { all: [{ fact: 'cpuUsageCores', operator: 'greaterThan', value: 0 }] },
        examples: { fires: [{ cpuUsageCores: 1 }], quiet: [{ cpuUsageCores: 0 }], unknown: [{}] },
        title: '{container} of {target} works',
      }),
    )
    await until(cluster, daemon, () => counted > 0)
    await cluster.pass(10 * MINUTE)
    assert.ok(counted > 5 && counted < 15, `${counted}`)
  })
})
