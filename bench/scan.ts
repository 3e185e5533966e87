import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { median } from './measure.ts'
import { line, measure, type Figures } from './process.ts'

const PACKED = join(import.meta.dirname, '../dist/main.js')
const SCAN = [process.execPath, '--disallow-code-generation-from-strings', PACKED, 'scan']
const KUBECTL = ['kubectl', 'get', 'pods,events', '-A', '-o', 'json']
const ROUNDS = 7
const MOST_REQUESTS = 40

const middle = (rounds: readonly Figures[]): Figures => ({
  wallSeconds: median(rounds.map(({ wallSeconds }) => wallSeconds)),
  cpuSeconds: median(rounds.map(({ cpuSeconds }) => cpuSeconds)),
  peakMegabytes: median(rounds.map(({ peakMegabytes }) => peakMegabytes)),
})

/** Counts the requests of one scan where they arrive: at a proxy before the API server, and not in our own counters. */
async function countRequests(scratch: string): Promise<number> {
  const proxy = spawn('kubectl', ['proxy', '--port=0', '--address=127.0.0.1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [greeting] = (await once(createInterface({ input: proxy.stdout }), 'line')) as [string]
    const counter = counting(Number(greeting.split(':').pop()))
    await once(counter.server.listen(0, '127.0.0.1'), 'listening')
    const { port } = counter.server.address() as AddressInfo
    const kubeconfig = join(scratch, 'kubeconfig')
    writeFileSync(kubeconfig, kubeconfigFor(`http://127.0.0.1:${port}`))
    const [command = '', ...args] = SCAN
    const child = spawn(command, [...args, '--kubeconfig', kubeconfig], { stdio: ['ignore', 'ignore', 'inherit'] })
    const [code] = (await once(child, 'close')) as [number]
    counter.server.close()
    counter.server.closeAllConnections()
    if (code !== 0) throw new Error(`the counted scan exited ${code}`)
    return counter.count()
  } finally {
    proxy.kill()
  }
}

function counting(port: number): { server: Server; count: () => number } {
  let seen = 0
  const server = createServer((incoming, outgoing) => {
    seen++
    const { method, url, headers } = incoming
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  })
  return { server, count: () => seen }
}

const kubeconfigFor = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [{ name: 'bench', cluster: { server } }],
    users: [{ name: 'bench', user: {} }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  })

/** Scans the cluster of KUBECONFIG with the packed program, beside kubectl, in turns. Fails on the number of requests alone. */
export async function benchScan(): Promise<string> {
  if (!process.env['KUBECONFIG']) return 'left out: KUBECONFIG names no cluster'
  if (!existsSync(PACKED)) throw new Error('there is no dist/main.js: npm run build')
  const scratch = mkdtempSync(join(tmpdir(), 'dogwatch-bench-'))
  try {
    const rounds = Array.from({ length: ROUNDS }, () => [measure(SCAN, scratch), measure(KUBECTL, scratch)] as const)
    const ours = middle(rounds.map(([scan]) => scan))
    const theirs = middle(rounds.map(([, kubectl]) => kubectl))
    const ratio = median(rounds.map(([scan, kubectl]) => scan.wallSeconds / kubectl.wallSeconds))
    const requests = await countRequests(scratch)
    if (requests > MOST_REQUESTS) process.exitCode = 1
    return [
      `one look at a cluster, the middle of ${ROUNDS} rounds in turns`,
      line('dogwatch scan', ours),
      line(KUBECTL.join(' '), theirs),
      `  ${ratio.toFixed(1)} times as long as kubectl takes to list pods and events; ${requests} requests (at most ${MOST_REQUESTS})`,
      '  targets at 100 pods: 0.8 s, 120 MB, 40 requests',
    ].join('\n')
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
