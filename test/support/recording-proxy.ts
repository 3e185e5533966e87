import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { KubeConfig } from '@kubernetes/client-node'

/** Stands before the API server that `KUBECONFIG` names and notes what it is asked, for whoever brings a token. */
export class RecordingProxy implements AsyncDisposable {
  readonly asked: string[] = []
  /** When each of them was asked, in milliseconds since 1970. */
  readonly times: number[] = []
  readonly #config = new KubeConfig()
  readonly #server: Server

  private constructor() {
    if (!process.env['KUBECONFIG']) throw new Error('KUBECONFIG must name a cluster for these tests')
    this.#config.loadFromDefault()
    this.#server = createServer((incoming, outgoing) => {
      // Whoever asked sees the server's end of a connection as an end of this one.
      this.#forward(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error))
    })
  }

  static async start(): Promise<RecordingProxy> {
    const proxy = new RecordingProxy()
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming
    this.asked.push(`${method} ${url}`)
    this.times.push(Date.now())
    const cluster = this.#config.getCurrentCluster()
    const ca = cluster?.caData === undefined ? undefined : Buffer.from(cluster.caData, 'base64')
    // Our own certificate stays here: the server is to see the token of whoever asks, and nothing else.
    const target = new URL(url, cluster?.server)
    const request = https.request(target, { method, headers: { ...headers, host: target.host }, ca })
    outgoing.on('close', () => request.destroy())
    incoming.pipe(request)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    await pipeline(response, outgoing)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
