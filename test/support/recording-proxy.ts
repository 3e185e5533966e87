import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'

/** Stands before the API server that `KUBECONFIG` names and notes what it is asked, for whoever brings a token. */
export class RecordingProxy implements AsyncDisposable {
  readonly asked: string[] = []
  readonly #config = new KubeConfig()
  readonly #server: Server

  private constructor() {
    if (!process.env['KUBECONFIG']) throw new Error('KUBECONFIG must name a cluster for these tests')
    this.#config.loadFromDefault()
    this.#server = createServer((incoming, outgoing) => {
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
    const cluster = this.#config.getCurrentCluster()
    const ca = cluster?.caData === undefined ? undefined : Buffer.from(cluster.caData, 'base64')
    // Our own certificate stays here: the server is to see the token of whoever asks, and nothing else.
    const target = new URL(url, cluster?.server)
    const request = https.request(target, { method, headers: { ...headers, host: target.host }, ca })
    incoming.pipe(request)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(outgoing)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
