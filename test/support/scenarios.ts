import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FindingView } from '../../src/sinks/envelope.ts'
import type { Expected } from './expectations.ts'
import type { RealServer } from './real-server.ts'
import { expectedOf } from './recordings.ts'

const HOME = join(import.meta.dirname, '../scenarios')

/** The names of all scenarios, in order. */
export const SCENARIOS: readonly string[] = readdirSync(HOME)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .toSorted()

/** The namespace of a scenario. */
export const namespaceOf = (scenario: string): string => `faults-${scenario}`

/** Whether a finding is about a scenario, or about what belongs to no namespace: other tests break things too, in namespaces of their own. */
export const isOfScenario = ({ target }: FindingView): boolean =>
  target.namespace === undefined || target.namespace.startsWith(namespaceOf(''))

/** The expectations of a scenario's recording, without the names that a cluster makes up. */
export function expectationsOf(scenario: string): Expected {
  const { findings, ...rest } = expectedOf(scenario) as Expected
  const stable = findings.map((want) => {
    const { name: _name, ...nameless } = want
    return want.kind === 'PersistentVolume' ? nameless : want
  })
  return { ...rest, findings: stable }
}

/** All scenarios at once: a finding is expected, allowed or a false alarm whichever of them it comes from. */
export function everything(): Expected {
  const all = SCENARIOS.map(expectationsOf)
  return {
    findings: all.flatMap(({ findings }) => findings),
    quiet: all.flatMap(({ quiet = [] }) => quiet),
    allow: all.flatMap(({ allow = [] }) => allow),
  }
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn('bash', [join(HOME, 'apply'), ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`apply ${args.join(' ')} ended with ${code}`)
}

async function present(server: RealServer): Promise<Set<string>> {
  const namespaces = await server.list('/api/v1/namespaces')
  const names = new Set(namespaces.map(({ metadata }) => String(metadata['name'])))
  return new Set(SCENARIOS.filter((scenario) => names.has(namespaceOf(scenario))))
}

/** Puts those scenarios into the cluster that are not there. */
export async function applyScenarios(server: RealServer): Promise<void> {
  const there = await present(server)
  const absent = SCENARIOS.filter((scenario) => !there.has(scenario))
  if (absent.length > 0) await run(absent)
}

/** Takes out of the cluster all scenarios that are there, and waits until nothing is left of them. */
export async function removeScenarios(server: RealServer): Promise<void> {
  let asked = false
  for (;;) {
    const there = await present(server)
    if (there.size === 0) return
    // A volume that goes by itself in between ends it too early; what is left then is asked for anew.
    if (asked) await server.change('/api/v1/namespaces')
    else
      asked = await run(['--delete', ...there]).then(
        () => true,
        () => false,
      )
  }
}
