import { after, before, describe, test } from 'node:test'
import type { Target } from '../../support/black-box.ts'
import { DISCOVERY } from './discovery.ts'
import { EVENTS } from './events.ts'
import { Home, type Check } from './home.ts'
import { LISTS } from './lists.ts'
import { METADATA_ONLY } from './metadata-only.ts'
import { RIGHTS } from './rights.ts'
import { WATCH_LISTS, WATCHES } from './watches.ts'
import { REMOVALS, WRITES } from './writes.ts'

const SUITE: readonly (readonly [name: string, checks: readonly Check[]])[] = [
  ['discovery', DISCOVERY],
  ['lists', LISTS],
  ['metadata only', METADATA_ONLY],
  ['watches', WATCHES],
  ['watches with what is there', WATCH_LISTS],
  ['writes', WRITES],
  ['removals', REMOVALS],
  ['rights', RIGHTS],
  ['events', EVENTS],
]

/** What a Kubernetes API server does, asked of one that may be real or simulated. It writes only in a namespace of its own. */
export function apiServerSuite(name: string, target: Target): void {
  const home = new Home(target, `dogwatch-api-${process.pid}`)
  describe(name, () => {
    before(async () => {
      await home.create('/api/v1/namespaces', { metadata: { name: home.namespace } })
    })
    after(async () => {
      await home.send({ method: 'DELETE', path: `/api/v1/namespaces/${home.namespace}` })
    })
    for (const [part, checks] of SUITE)
      describe(part, () => {
        for (const [what, run] of checks) test(what, () => run(home))
      })
  })
}
