import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Freshness } from '../../src/cluster/freshness.ts'
import type { RecordRequest, ReplayRequest, RunEvents, RunRequest } from '../../src/cli/daemon-services.ts'
import { run } from '../../src/cli/program.ts'
import { UsageError, type Services } from '../../src/cli/services.ts'
import { NOW } from '../support/build.ts'
import { ManualClock } from '../support/clock.ts'
import { recorder, type Recorder } from '../support/console.ts'
import { envelopeOf, fakeServices, finding } from '../support/envelopes.ts'
import { freshness } from '../support/freshness.ts'

const SCRATCH = mkdtempSync(join(tmpdir(), 'dogwatch-running-'))
after(() => rmSync(SCRATCH, { recursive: true }))

async function dogwatch(argv: readonly string[], services: Services, console: Recorder = recorder()) {
  const clock = new ManualClock(NOW)
  const code = await run(argv, { services, io: console.io, called: 'dogwatch', clock })
  return { code, out: console.out(), error: console.error() }
}

// ── run

interface Ran {
  readonly request: RunRequest
  readonly events: RunEvents
}

const running = (act: (events: RunEvents) => void, ran: Ran[] = [], problems: readonly string[] = []): Services =>
  fakeServices({
    run: (request, events) => {
      ran.push({ request, events })
      act(events)
      return Promise.resolve({ problems })
    },
  })

const kind = (resource: string, seed: Partial<Freshness> = {}): Freshness =>
  freshness(resource, { objects: 10, ...seed })
const four = (...states: Freshness['state'][]): Freshness[] =>
  ['pods', 'nodes', 'services', 'events'].map((resource, at) => kind(resource, { state: states[at] ?? 'syncing' }))

describe('run', () => {
  test('asks for what the options say', async () => {
    const ran: Ran[] = []
    await dogwatch(
      ['run'],
      running(() => {}, ran),
    )
    await dogwatch(
      'run -n shop -n data --kubeconfig k --context c --cluster prod --config c.json --rules r1 --rules r2 --listen 0.0.0.0:8686 --checkpoint c.sqlite --log-level debug'.split(
        ' ',
      ),
      running(() => {}, ran),
    )
    const nothing = {
      config: undefined,
      cluster: undefined,
      rules: [],
      listen: undefined,
      checkpoint: undefined,
      logLevel: undefined,
    }
    assert.deepEqual(
      ran.map(({ request }) => request),
      [
        { ...nothing, source: { kubeconfig: undefined, context: undefined, namespaces: undefined } },
        {
          source: { kubeconfig: 'k', context: 'c', namespaces: ['shop', 'data'] },
          cluster: 'prod',
          config: 'c.json',
          rules: ['r1', 'r2'],
          listen: '0.0.0.0:8686',
          checkpoint: 'c.sqlite',
          logLevel: 'debug',
        },
      ],
    )
  })

  test('says on a terminal what it does: first of all that it starts', async () => {
    const console = recorder({ terminal: true, error: true, columns: 90 })
    let first = ''
    const services = running((events) => {
      first = console.out()
      events.watching({
        place: 'https://10.0.0.1:6443 (context "prod")',
        namespaces: ['shop'],
        rules: 41,
        problems: [{ file: 'mine.json', line: 2, column: 3, message: 'unknown key "levl"' }],
      })
      events.listening('http://127.0.0.1:8686')
      events.fresh(four())
      events.fresh(four('live'))
      events.fresh(four('live'))
      events.fresh(four('live', 'live', 'live', 'not-installed'))
      events.changed([
        { before: undefined, finding: finding() },
        { before: undefined, finding: finding({ state: 'inhibited' }) },
      ])
      events.fresh([kind('events', { state: 'stale', detail: 'events: silent\u001B[2J for 3m' })])
      events.fresh([kind('events', { state: 'stale', detail: 'events: silent for 4m' })])
      events.fresh([kind('events')])
      events.logger?.debug('too much')
      events.logger?.info('too much')
      events.logger?.warn('checkpoint not written', { path: 'c.sqlite', why: 'no space\u001B[31m', left: undefined })
      events.logger?.error('api failed')
    })
    const { code, out, error } = await dogwatch(['run'], services, console)
    assert.equal(code, 0)
    assert.equal(first, 'dogwatch 1.2.3 starts; Ctrl-C stops it\n')
    assert.equal(error, 'mine.json:2:3: unknown key "levl"\n1 rule file left out; everything else goes on.\n')
    assert.deepEqual(out.trimEnd().split('\n').slice(1), [
      'watches https://10.0.0.1:6443 (context "prod"), namespace shop, by 41 rules; nothing is written to it',
      'the API answers at http://127.0.0.1:8686; try: curl http://127.0.0.1:8686/recommendations',
      'to see more: dogwatch watch --server http://127.0.0.1:8686',
      'read 1 of 4 kinds, 40 objects',
      'read 4 of 4 kinds, 40 objects',
      '12:00:00  firing      CRITICAL  crash-loop: app of Deployment shop/cart keeps crashing; r…',
      'cannot rely on events: events: silent [2J for 3m',
      'events is fresh again',
      '12:00:00  warning: checkpoint not written path=c.sqlite why=no space [31m',
      '12:00:00  error: api failed',
    ])
  })

  test('leaves the log to be JSON where nobody looks', async () => {
    const ran: Ran[] = []
    const act = ({ listening, changed }: RunEvents): void => {
      listening('http://127.0.0.1:8686')
      changed([{ before: undefined, finding: finding() }])
    }
    assert.deepEqual(await dogwatch(['run'], running(act, ran)), { code: 0, out: '', error: '' })
    // The lines for people go to the terminal, the log to the file.
    await dogwatch(['run'], running(act, ran), recorder({ terminal: true }))
    assert.deepEqual(
      ran.map(({ events }) => events.logger),
      [undefined, undefined],
    )
  })

  test('that could not end well says why', async () => {
    const { code, error } = await dogwatch(
      ['run'],
      running(() => {}, [], ['the checkpoint was not written: no space']),
    )
    assert.deepEqual([code, error], [1, 'dogwatch: the checkpoint was not written: no space\n'])
  })

  test('a mistake in its options is said before anything is asked', async () => {
    for (const argv of [['--log-level', 'loud'], ['--listen', ''], ['-n', 'a', '-A'], ['--config'], ['extra']])
      assert.equal((await dogwatch(['run', ...argv], fakeServices())).code, 2, argv.join(' '))
  })
})

// ── record

const recording = (asked: RecordRequest[] = [], incomplete: readonly string[] = []): Services =>
  fakeServices({
    record: (request) => {
      asked.push(request)
      return Promise.resolve({ objects: 41, changes: 1, watchedMs: 61_000, incomplete })
    },
  })

describe('record', () => {
  test('makes the directory, for its owner alone, and says what it wrote', async () => {
    const asked: RecordRequest[] = []
    const directory = join(SCRATCH, 'new', 'outage')
    const { code, out, error } = await dogwatch(['record', directory, '--watch', '1m', '-n', 'shop'], recording(asked))
    assert.deepEqual([code, out, error], [0, '', `wrote 41 objects and 1 change of 1m1s to ${directory}\n`])
    assert.equal(statSync(directory).mode & 0o777, 0o700)
    assert.deepEqual(
      asked.map((one) => [one.directory, one.watchMs, one.source.namespaces]),
      [[directory, 60_000, ['shop']]],
    )
  })

  test('watches ten minutes unless told otherwise', async () => {
    const asked: RecordRequest[] = []
    await dogwatch(['record', join(SCRATCH, 'default')], recording(asked))
    assert.equal(asked[0]?.watchMs, 600_000)
  })

  test('never writes over a recording, and asks nothing then', async () => {
    for (const file of ['snapshot.json', 'watch.jsonl']) {
      const directory = mkdtempSync(join(SCRATCH, 'taken-'))
      writeFileSync(join(directory, file), '')
      const { code, error } = await dogwatch(['record', directory], fakeServices())
      assert.deepEqual([code, error], [2, `dogwatch: ${directory}: ${file} is in it already\ngive another directory\n`])
    }
  })

  test('a place that is no directory is refused', async () => {
    const file = join(SCRATCH, 'file')
    writeFileSync(file, '')
    for (const path of [file, join(file, 'below')]) {
      const { code, error } = await dogwatch(['record', path], fakeServices())
      assert.equal(code, 2)
      assert.match(error, /it is a file|a part of the path is no directory/)
    }
    assert.ok(!existsSync(join(file, 'below')))
  })

  test('is incomplete where something could not be watched', async () => {
    const directory = join(SCRATCH, 'part')
    mkdirSync(directory)
    const { code, error } = await dogwatch(['record', directory], recording([], ['events: forbidden\u001B[2J']))
    assert.equal(code, 4)
    assert.match(error, /\nleft out: events: forbidden \[2J\n$/)
  })

  test('a duration is asked for', async () => {
    const { code, error } = await dogwatch(['record', 'x', '--watch', 'long'], fakeServices())
    assert.equal(code, 2)
    assert.match(error, /a duration such as 30s or 10m is expected/)
  })
})

// ── replay

describe('replay', () => {
  const result = {
    from: NOW,
    to: NOW,
    changes: 0,
    history: [],
    envelope: envelopeOf([]),
    looked: { objects: 1, kinds: 1 },
    problems: [],
    hints: ['This dump does not say when it was taken.'],
  }

  test('asks for what the options say, and passes on what would make it better', async () => {
    const asked: ReplayRequest[] = []
    const services = fakeServices({
      replay: (request) => {
        asked.push(request)
        return Promise.resolve(result)
      },
    })
    const argv = 'replay outage -n shop -l app=cart --cluster prod --config c.json --rules r --after 10m'.split(' ')
    const { code, out, error } = await dogwatch(argv, services)
    assert.equal(code, 0)
    assert.match(out, /\nNothing was found meanwhile\.\n/)
    assert.equal(error, 'hint: This dump does not say when it was taken.\n')
    assert.deepEqual(asked, [
      {
        directory: 'outage',
        config: 'c.json',
        cluster: 'prod',
        rules: ['r'],
        namespaces: ['shop'],
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['cart'] }] },
        afterMs: 600_000,
      },
    ])
  })

  test('a line that cannot be read is named', async () => {
    const services = fakeServices({
      replay: () => Promise.reject(new UsageError('outage/watch.jsonl:7: cut off, or not JSON: {"at')),
    })
    const { code, error } = await dogwatch(['replay', 'outage'], services)
    assert.deepEqual([code, error], [2, 'dogwatch: outage/watch.jsonl:7: cut off, or not JSON: {"at\n'])
  })
})
