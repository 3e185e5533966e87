import { once } from 'node:events'
import https from 'node:https'
import { createInterface } from 'node:readline'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { KubeConfig } from '@kubernetes/client-node'
import type { Patch } from '../../src/remediation/request.ts'
import type { Raw } from './build.ts'

export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

interface Question {
  readonly method: string
  readonly path: string
  readonly contentType?: string
  readonly body?: object | undefined
}

/** The API server that `KUBECONFIG` names, for tests that write. */
export class RealServer {
  readonly #config = new KubeConfig()

  constructor() {
    if (!process.env['KUBECONFIG']) throw new Error('KUBECONFIG must name a cluster for these tests')
    this.#config.loadFromDefault()
  }

  /** Where it is and how it is known, as a kubeconfig says it. */
  get cluster(): Readonly<Record<string, unknown>> {
    const cluster = this.#config.getCurrentCluster()
    return { server: cluster?.server, 'certificate-authority-data': cluster?.caData }
  }

  async send(question: Question): Promise<Answer> {
    const response = await this.#open(question)
    const chunks: Uint8Array[] = []
    for await (const chunk of response) chunks.push(chunk as Uint8Array)
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
    return { status: response.statusCode ?? 0, body: body as Answer['body'] }
  }

  /** Sends it as it is, but so that nothing is kept: for DELETE that is said in the body, since a body makes the server ignore the query. */
  dryRun({ method, path, contentType, body }: Patch): Promise<Answer> {
    return method === 'DELETE'
      ? this.send({ method, path, contentType, body: { ...body, dryRun: ['All'] } })
      : this.send({ method, path: `${path}?dryRun=All`, contentType, body })
  }

  async create(path: string, body: object): Promise<Raw> {
    return expected(await this.send({ method: 'POST', path, body }), path)
  }

  async read(path: string): Promise<Raw> {
    return expected(await this.send({ method: 'GET', path }), path)
  }

  /** The objects of a list, each with its kind. */
  async list(path: string): Promise<Raw[]> {
    const { items, kind, apiVersion } = await this.read(path)
    const type = { apiVersion, kind: kind.replace(/List$/, '') }
    return Array.isArray(items) ? items.map((item: Raw) => ({ ...item, ...type })) : []
  }

  /** Waits until so many objects of a list are there. */
  async appear(path: string, count: number): Promise<void> {
    const response = await this.#open({
      method: 'GET',
      path: `${path}${path.includes('?') ? '&' : '?'}watch=1&timeoutSeconds=60`,
    })
    const seen = new Set<string>()
    for await (const line of createInterface({ input: response })) {
      const { object } = JSON.parse(line) as { object: Raw }
      seen.add(String(object.metadata['name']))
      if (seen.size >= count) break
    }
    response.destroy()
    if (seen.size < count) throw new Error(`${path}: ${seen.size} of ${count} appeared`)
  }

  /** Waits until something changes in a list, at most half a minute. */
  async change(path: string): Promise<void> {
    const { metadata } = await this.read(`${path}?limit=1`)
    const from = `watch=1&timeoutSeconds=30&resourceVersion=${String(metadata['resourceVersion'])}`
    const response = await this.#open({ method: 'GET', path: `${path}?${from}` })
    await Promise.race([once(response.resume(), 'data'), once(response, 'close')])
      .catch(() => undefined)
      .finally(() => response.destroy())
  }

  async #open({ method, path, contentType = 'application/json', body }: Question): Promise<IncomingMessage> {
    const options: https.RequestOptions = {}
    await this.#config.applyToHTTPSOptions(options)
    const url = new URL(path, this.#config.getCurrentCluster()?.server)
    const text = body === undefined ? '' : JSON.stringify(body)
    // Without the length Node sends the body of a DELETE so that no server sees it, and a dry run deletes.
    const length = String(Buffer.byteLength(text))
    const headers = {
      ...(options.headers as OutgoingHttpHeaders | undefined),
      'content-type': contentType,
      'content-length': length,
      accept: 'application/json',
    }
    const request = https.request(url, { ...options, method, headers })
    request.end(text)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response
  }
}

function expected({ status, body }: Answer, path: string): Raw {
  if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`)
  return body as Raw
}
