import { lookAtDump } from '../../src/cluster/dump-look.ts'
import { storeOf } from '../../src/cluster/cluster-look.ts'
import { defaultConfig } from '../../src/config.ts'
import { reconcile } from '../../src/reconcile.ts'
import { ONE_LOOK } from '../../src/policy/standing.ts'
import { ACTIONS } from '../../src/remediation/actions/index.ts'
import { advise } from '../../src/remediation/recommend.ts'
import { envelope, type Envelope } from '../../src/sinks/envelope.ts'
import { shippedRules } from './judge.ts'

interface Scanned {
  readonly envelope: Envelope
  readonly hints: readonly string[]
}

/** What `scan -f DUMP` makes of a dump, with the shipped rules and no config, without starting the program; `at` (milliseconds) is for a dump that does not say its time. */
export async function scanDump(
  dump: unknown,
  { complete = false, at = 0 }: { complete?: boolean; at?: number } = {},
): Promise<Scanned> {
  const rules = await shippedRules()
  const look = lookAtDump([{ file: 'dump.json', text: JSON.stringify(dump) }], { complete, now: at })
  const snapshot = storeOf(look, undefined)
  const now = snapshot.takenAt
  const assessment = reconcile(snapshot, { rules, suppressions: [], clocks: new Map(), now, wanted: () => true })
  const { policy, capabilities } = defaultConfig().config
  const advice = advise(assessment.findings, {
    snapshot,
    actions: ACTIONS,
    policy,
    capabilities,
    standing: ONE_LOOK,
    now,
  })
  const { cluster } = snapshot
  return {
    envelope: envelope({ cluster, now, incomplete: look.incomplete, assessment, advice }),
    hints: look.hints,
  }
}
