import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const GIGABYTE = 2 ** 30

const METHOD = `Each figure comes from a process of its own, which is told apart from the one that serves it. The load server (\`bench/load\`) speaks HTTP on
loopback: pods of 5.8, 7.1 and 8.6 KB with their managed fields, nodes of 10 KB, and Deployments, ReplicaSets, Services, EndpointSlices, claims, Events
and the rest in proportion; lists in pages, streams that begin with everything, watches with bookmarks, all at the pace of the reader. Watches are
answered in the binary form of the API where that is asked for, as dogwatch does; the official client and the bare \`JSON.parse\` read JSON. A probe that is
loaded before the program measures CPU (user and system), resident memory, the heap after a forced collection and the longest time that the event loop
stood still. Wall time and CPU of a first look count from the first request. Programs that are compared run one after the other in the same run; where
machines differ, compare the ratios. \`npm run bench -- --write docs/benchmarks.md\` makes this page; every size is a flag (\`bench/options.ts\`).`

const packageVersion = (name: string): string => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string
  }
  return `${name} ${version}`
}

/** Figures, with how they came about. */
export interface Report {
  readonly title: string
  readonly method: string
  readonly sections: readonly { readonly name: string; readonly text: string }[]
}

/** What all benchmarks have in common. */
export const benchReport = (sections: Report['sections']): Report => ({ title: 'Benchmarks', method: METHOD, sections })

/** A page of figures, with all that is needed to judge them. */
export function writeReport(file: string, { title, method, sections }: Report): void {
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim()
  const [cpu] = cpus()
  const machine = `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${(totalmem() / GIGABYTE).toFixed(0)} GB`
  const versions = [
    `Node.js ${process.versions.node}`,
    ...['@kubernetes/client-node', 'json-rules-engine'].map(packageVersion),
  ]
  const head = [
    `# ${title}`,
    '',
    `Commit ${commit}, ${versions.join(', ')}; ${machine}; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    method,
  ]
  const texts = sections.map(({ name, text }) => `## ${name}\n\n${text}`)
  writeFileSync(file, `${[head.join('\n'), ...texts].join('\n\n')}\n`)
}
