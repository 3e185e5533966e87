import { resolve, sep } from 'node:path'
import about from '../package.json' with { type: 'json' }
import type {
  FileProblem,
  Progress,
  RulesResult,
  ScanRequest,
  ScanResult,
  Services,
  SnapshotResult,
  Source,
} from './cli/services.ts'
import { UsageError } from './cli/services.ts'
import { lookAtDump } from './cluster/dump-look.ts'
import { DumpError } from './cluster/dump.ts'
import { lookAtCluster } from './cluster/live.ts'
import { withCluster } from './cluster/with-cluster.ts'
import { writeSnapshot } from './cluster/snapshot-writer.ts'
import { storeOf, type ClusterLook } from './cluster/cluster-look.ts'
import { configJsonSchema } from './config.ts'
import { ruleJsonSchema } from './engine/json-schema.ts'
import { loadRules, type RuleSet } from './engine/loader.ts'
import {
  configOf,
  refuseOverrides,
  ruleFiles,
  shipped,
  targetsIn,
  userFiles,
  VOCABULARY,
  type Surroundings,
} from './inputs.ts'
import { ONE_LOOK } from './policy/standing.ts'
import { reconcile } from './reconcile.ts'
import { ACTIONS } from './remediation/actions/index.ts'
import { advise } from './remediation/recommend.ts'
import { envelope } from './sinks/envelope.ts'
import { systemClock } from './util/clock.ts'
import { FileError, readTexts, type TextFile } from './util/files.ts'

/** Builds the program: what every command asks for, out of the rooms. */
export function createApp(surroundings: Surroundings): Services {
  const daemon = { version: about.version, surroundings }
  return {
    version: about.version,
    scan: async (request, progress) => scan(request, (source) => look(source, surroundings, progress)),
    snapshot: async (source, progress) => snapshotResult(await look(source, surroundings, progress)),
    rules: async (directories) => rulesResult(await ruleFiles(directories)),
    check: async (paths) => check(paths),
    schema: async (of) => (of === 'config' ? configJsonSchema() : ruleJsonSchema(VOCABULARY)),
    runbook: async (path) => runbook(path),
    run: async (request, events) => (await import('./running.ts')).runDaemon(request, events, daemon),
    living: async (request, events, stop) =>
      (await import('./running.ts')).runLiving(request, events, { ...daemon, stop }),
    record: async (request, progress) => (await import('./running.ts')).record(request, surroundings, progress),
    replay: async (request, progress) => (await import('./replay.ts')).replayRecording(request, progress),
  }
}

/** One look at a cluster, through the rooms, to what `scan` prints. */
async function scan(request: ScanRequest, lookAt: (source: Source) => Promise<ClusterLook>): Promise<ScanResult> {
  const { config, place } = await configOf(request.config)
  const files = await ruleFiles(request.rules)
  // Rules are made ready while the server answers.
  const [rules, seen] = await Promise.all([
    loadRules(files, VOCABULARY, { overrides: config.overrides }),
    lookAt(request.source),
  ])
  refuseOverrides(rules, { place, file: request.config })
  const snapshot = storeOf(seen, request.cluster ?? config.cluster)
  const now = request.at ?? snapshot.takenAt
  const { selector, source } = request
  const wanted = targetsIn(snapshot, { selector, namespaces: source.namespaces })
  const judgement = { rules, suppressions: config.suppressions, clocks: new Map(), now, wanted }
  const assessment = reconcile(snapshot, judgement)
  const { policy, capabilities } = config
  const advice = advise(assessment.findings, {
    snapshot,
    actions: ACTIONS,
    policy,
    capabilities,
    standing: ONE_LOOK,
    now,
  })
  return {
    envelope: envelope({ cluster: snapshot.cluster, now, incomplete: seen.incomplete, assessment, advice }),
    problems: [...rules.problems, ...disabledRules(rules)],
    looked: { objects: seen.objects.length, kinds: seen.looks.listed.size },
    hints: seen.hints,
  }
}

/** Where to look, what for, and what of the process it takes. */
async function look(source: Source, { env, stdin, now, stop }: Surroundings, progress: Progress): Promise<ClusterLook> {
  if (source.files.length > 0) return lookAtFiles(source, { stdin, now })
  const { namespaces } = source
  return withCluster({ ...source, env }, async ({ transport, ownNamespace }) =>
    lookAtCluster({
      transport,
      clock: systemClock,
      namespaces,
      ownNamespace,
      signal: stop,
      progress: ({ resource, done, total }) => progress({ doing: `reading ${resource}`, done, total }),
    }),
  )
}

async function lookAtFiles(source: Source, { stdin, now }: Pick<Surroundings, 'stdin' | 'now'>): Promise<ClusterLook> {
  const texts = await userFiles(source.files, { extension: '.json', stdin })
  try {
    return lookAtDump(texts, { complete: source.complete, now: now() })
  } catch (error) {
    throw error instanceof DumpError ? new UsageError(error.message) : error
  }
}

const snapshotResult = (seen: ClusterLook): SnapshotResult => ({
  text: writeSnapshot(seen),
  objects: seen.objects.length,
  incomplete: seen.incomplete,
})

async function rulesResult(files: readonly TextFile[]): Promise<RulesResult> {
  const { rules, problems } = await loadRules(files, VOCABULARY)
  const own = `${shipped('rules')}${sep}`
  const sources = new Map(files.map(({ file, text }) => [file, text]))
  const views = rules.map(({ rule }) => ({
    ...rule,
    shipped: rule.file.startsWith(own),
    source: sources.get(rule.file) ?? '',
  }))
  return { rules: views, problems }
}

/** The loader over the user's files alone: the shipped rules are read along, so that they may be named, and not reported on. */
async function check(paths: readonly string[]): Promise<RulesResult> {
  const own = await userFiles(paths, { extension: '.json' })
  const names = new Set(own.map(({ file }) => resolve(file)))
  const others = (await ruleFiles([])).filter(({ file }) => !names.has(file))
  const { rules, problems } = await rulesResult([...others, ...own])
  const mine = ({ file }: { readonly file: string }): boolean => names.has(resolve(file))
  return { rules: rules.filter(mine), problems: problems.filter(mine) }
}

/** A rule that failed while it ran is as bad as one that did not load: both are said, and the scan is incomplete. */
function disabledRules({ rules, disabled }: RuleSet): FileProblem[] {
  return disabled().map(({ rule, reason }) => ({
    file: rules.find((one) => one.rule.id === rule)?.rule.file ?? rule,
    line: 1,
    column: 1,
    message: `switched off: ${reason}`,
  }))
}

// Only pages that ship: a rule of the user's names a place of the user's.
async function runbook(path: string): Promise<string | undefined> {
  if (!/^docs\/runbooks\/[a-z0-9-]+\.md$/.test(path)) return undefined
  try {
    return (await readTexts([shipped(path)], '.md'))[0]?.text
  } catch (error) {
    if (error instanceof FileError) return undefined
    throw error
  }
}
