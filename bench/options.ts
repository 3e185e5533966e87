import { parseArgs } from 'node:util'

/** How large and how long; every one is a flag. */
export interface BenchOptions {
  readonly quick: boolean
  /** Names of benches; all when there are none. */
  readonly only: readonly string[]
  /** Where the report goes, beside the terminal. */
  readonly write: string | undefined
  readonly pods: number
  readonly nodes: number
  /** Pods of the comparison with the official informer, which cannot list much more. */
  readonly comparedPods: number
  readonly rate: number
  readonly burst: number
  /** Seconds of steady change. */
  readonly seconds: number
  readonly findings: number
}

const FULL = { pods: 100_000, nodes: 5_000, 'compared-pods': 50_000, seconds: 60, findings: 10_000 }
const QUICK = { pods: 10_000, nodes: 500, 'compared-pods': 10_000, seconds: 12, findings: 1_000 }
const COMMON = { rate: 500, burst: 5_000 }
const NUMBERS = ['pods', 'nodes', 'compared-pods', 'rate', 'burst', 'seconds', 'findings'] as const

/** Reads `--quick`, `--write FILE`, `--pods N` and so on, and the names of benches. */
export function benchOptions(args: readonly string[]): BenchOptions {
  const numbers = Object.fromEntries(NUMBERS.map((name) => [name, { type: 'string' }] as const))
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, write: { type: 'string' }, ...numbers },
  })
  const given: Readonly<Record<string, unknown>> = values
  const sizes = { ...COMMON, ...(values.quick === true ? QUICK : FULL) }
  const number = (name: (typeof NUMBERS)[number]): number => Number(given[name] ?? sizes[name])
  return {
    quick: values.quick === true,
    only: positionals,
    write: values.write,
    pods: number('pods'),
    nodes: number('nodes'),
    comparedPods: number('compared-pods'),
    rate: number('rate'),
    burst: number('burst'),
    seconds: number('seconds'),
    findings: number('findings'),
  }
}
