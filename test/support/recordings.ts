import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readDump, type Dump } from '../../src/cluster/dump.ts'
import { ObjectStore } from '../../src/cluster/store.ts'

const HOME = join(import.meta.dirname, '../recordings')
const SNAPSHOTS = join(import.meta.dirname, '../snapshots')

/** The names of all recordings of real faults, in order. */
export const RECORDINGS: readonly string[] = readdirSync(HOME).toSorted()

/** The dump of a recording as JSON, for tests that change it before it is read. */
export const recordedJson = (name: string): unknown =>
  JSON.parse(readFileSync(join(HOME, name, 'snapshot.json'), 'utf8'))

/** What a careful person expects of a recording. */
export const expectedOf = (name: string): unknown => JSON.parse(readFileSync(join(HOME, name, 'expected.json'), 'utf8'))

/** A recording of a real cluster, read as `scan -f` reads it, at the time it was taken. */
export const recording = (name: string): ObjectStore => read(name, join(HOME, name, 'snapshot.json'))

/** A cluster written by hand for a fault that has no recording: `test/snapshots/NAME.json`. */
export const writtenSnapshot = (name: string): ObjectStore => read(name, join(SNAPSHOTS, `${name}.json`))

function read(name: string, file: string): ObjectStore {
  return storeOf(readDump([{ name, json: JSON.parse(readFileSync(file, 'utf8')) }], { complete: false }))
}

/** The store of a dump that says when it was taken. */
export function storeOf(dump: Dump): ObjectStore {
  if (dump.recordedAt === undefined) throw new Error('the dump does not say when it was taken')
  const store = new ObjectStore({ takenAt: dump.recordedAt, cluster: clusterOf(dump), looks: dump.looks })
  for (const object of dump.objects) store.put(object)
  return store
}

const clusterOf = (dump: Dump): string =>
  dump.objects.find((object) => object.kind === 'Namespace' && object.metadata.name === 'kube-system')?.metadata.uid ??
  'dump'
