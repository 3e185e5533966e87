import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dumpOf } from '../tools/demo-shop.ts'
import { crashing } from '../tools/demo/crashes.ts'
import { healthy } from '../tools/demo/healthy.ts'
import { service } from '../tools/demo/network.ts'
import { node, platform } from '../tools/demo/platform.ts'
import { healthyDeployment, type App } from '../tools/demo/workloads.ts'
import type { Item } from '../tools/demo/kit.ts'
import { line, measure } from './process.ts'

const PACKED = join(import.meta.dirname, '../dist/main.js')
const SCAN = [process.execPath, '--disallow-code-generation-from-strings', PACKED, 'scan', '-o', 'json', '-f']
const NODES = 500
const APPS = 1000
const PODS_EACH = 10

const nodes = Array.from({ length: NODES }, (_, at) => `machine-${at}`)

/** An app of a large cluster: ten pods behind a Service. */
function appOf(at: number): Item[] {
  const app: App = {
    namespace: `team-${at % 50}`,
    app: `app-${at}`,
    age: '90d',
    rolledOut: '3d',
    image: `registry.shop.example/app-${at}:1.${at}`,
    nodes: Array.from({ length: PODS_EACH }, (_, pod) => nodes[(at * 7 + pod * 31) % NODES] ?? ''),
    requests: { cpu: '50m', memory: '128Mi' },
    limits: { memory: '256Mi' },
    uses: ['11m', '97Mi'],
    port: 8080,
    ready: '/healthz',
  }
  const items = healthyDeployment(app)
  return [...items, ...service(app, items)]
}

/** Scans a dump of 10,000 pods with the packed program, to see that it stays usable; it has no target of its own. */
export async function benchDump(): Promise<string> {
  if (!existsSync(PACKED)) throw new Error('there is no dist/main.js: npm run build')
  const scratch = mkdtempSync(join(tmpdir(), 'dogwatch-bench-'))
  try {
    const apps = Array.from({ length: APPS }, (_, at) => appOf(at)).flat()
    const text = dumpOf([...platform(), ...nodes.map(node), ...healthy(), ...crashing(), ...apps])
    const file = join(scratch, 'dump.json')
    writeFileSync(file, text)
    const figures = measure([...SCAN, file], scratch)
    const size = `${APPS * PODS_EACH} pods on ${NODES} nodes, ${(text.length / 2 ** 20).toFixed(0)} MB`
    return [`one scan of a large dump (${size})`, line('dogwatch scan -f', figures)].join('\n')
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
