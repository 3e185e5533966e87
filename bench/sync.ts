import { SIZES } from './load/layout.ts'
import { Load } from './load/load.ts'
import { measureSync, Subject, type Sync } from './load/subject.ts'
import type { BenchOptions } from './options.ts'
import { fixed, table } from './table.ts'

const PORT = 18_686
const HEAD = ['', 'wall s', 'CPU s', 'live heap MB', 'peak RSS MB', 'longest block ms']

const row = (name: string, sync: Sync): string[] => [
  name,
  fixed(sync.wallSeconds),
  fixed(sync.cpuSeconds),
  fixed(sync.aliveMegabytes, 0),
  fixed(sync.peakMegabytes, 0),
  fixed(sync.longestBlockMs, 0),
]

async function once(load: Load, start: () => Subject): Promise<Sync> {
  const { sync, subject } = await measureSync(load, start)
  await subject[Symbol.asyncDispose]()
  return sync
}

/** The first look at a whole cluster, beside `JSON.parse` of the same in JSON. */
export async function benchSync({ pods, nodes }: BenchOptions): Promise<string> {
  await using load = await Load.start({ ...SIZES, pods, nodes })
  const daemon = await once(load, () => Subject.daemon(load, PORT))
  const reflector = await once(load, () => Subject.reflector(load))
  const parse = await once(load, () => Subject.parse(load))
  return [
    `the first look at ${pods} pods on ${nodes} nodes and all that belongs to them`,
    '',
    table(HEAD, [
      row('dogwatch run', daemon),
      row('its watch alone, without rules', reflector),
      row('JSON.parse of the same in JSON, kept nowhere', parse),
    ]),
    '',
    `${fixed(daemon.cpuSeconds / parse.cpuSeconds)} times the CPU of parsing alone, the watch ${fixed(reflector.cpuSeconds / parse.cpuSeconds)} times. Target at 100,000 pods: 6 s and 7 CPU-s.`,
  ].join('\n')
}

interface Ratio {
  readonly name: string
  readonly of: (sync: Sync) => number
  readonly target: number
  /** What fails the run: machines are noisy, a ratio that is lost is not noise. */
  readonly floor: number
}

const RATIOS: readonly Ratio[] = [
  { name: 'CPU', of: ({ cpuSeconds }) => cpuSeconds, target: 4, floor: 1 },
  { name: 'live heap', of: ({ aliveMegabytes }) => aliveMegabytes - BARE_MEGABYTES, target: 10, floor: 5 },
  { name: 'longest block', of: ({ longestBlockMs }) => longestBlockMs, target: 50, floor: 10 },
]
/** What a program holds that has loaded the Kubernetes client and seen nothing. */
const BARE_MEGABYTES = 36

/** Our watch beside the official informer and beside parsing alone, on pods and nothing else, in one run. */
export async function benchInformer({ comparedPods: pods }: BenchOptions): Promise<string> {
  await using load = await Load.start({ ...SIZES, pods, podsOnly: true })
  const ours = await once(load, () => Subject.reflector(load))
  const theirs = await once(load, () => Subject.informer(load))
  const parse = await once(load, () => Subject.parse(load, ['pods']))
  const ratios = RATIOS.map((ratio) => ({ ...ratio, value: ratio.of(theirs) / ratio.of(ours) }))
  if (ratios.some(({ value, floor }) => !(value >= floor))) process.exitCode = 1
  return [
    `the first look at ${pods} pods and nothing else, beside the official informer`,
    '',
    table(HEAD, [
      row('the watch of dogwatch', ours),
      row('@kubernetes/client-node informer', theirs),
      row('JSON.parse of the same in JSON, kept nowhere', parse),
    ]),
    '',
    `${ratios.map(({ name, value, target }) => `${name} ${fixed(value)} times less (target ${target})`).join(', ')}; ${BARE_MEGABYTES} MB of each heap are the Kubernetes client itself.`,
  ].join('\n')
}
