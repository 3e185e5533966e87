import assert from 'node:assert/strict'
import type { Ask, Reply, Stream, Target, WatchEvent } from '../../support/black-box.ts'

/** What is asked of an API server, and what it has to answer. */
export type Check = readonly [name: string, run: (home: Home) => Promise<void>]

/** What stands at a path such as `metadata.labels.app` or `items.0.kind`; `undefined` when nothing does. */
export function pick(value: unknown, path: string): unknown {
  let found = value
  for (const part of path.split('.'))
    found =
      typeof found === 'object' && found !== null ? Object.entries(found).find(([key]) => key === part)?.[1] : undefined
  return found
}

export const jsonOf = ({ text }: Reply): unknown => JSON.parse(text)

/** The names of the objects of a list. */
export function namesIn(list: unknown): unknown[] {
  const items = pick(list, 'items')
  assert.ok(Array.isArray(items), JSON.stringify(list))
  return items.map((item) => pick(item, 'metadata.name'))
}

export const nameIn = ({ object }: WatchEvent): unknown => pick(object, 'metadata.name')

/** A namespace of its own on an API server. */
export class Home {
  readonly target: Target
  readonly namespace: string

  constructor(target: Target, namespace: string) {
    this.target = target
    this.namespace = namespace
  }

  /** The path of a core resource here: `configmaps`, `configmaps/a`. */
  core(rest: string): string {
    return `/api/v1/namespaces/${this.namespace}/${rest}`
  }

  /** The path of a resource of another group here: `apps/v1`, `deployments`. */
  of(apiVersion: string, rest: string): string {
    return `/apis/${apiVersion}/namespaces/${this.namespace}/${rest}`
  }

  send(ask: Ask): Promise<Reply> {
    return this.target.send(ask)
  }

  open(ask: Ask): Promise<Stream> {
    return this.target.open(ask)
  }

  /** The answer as JSON, which must have this status (default 200). */
  async expect(ask: Ask, status = 200): Promise<unknown> {
    const reply = await this.send(ask)
    assert.equal(reply.status, status, `${ask.method ?? 'GET'} ${ask.path}: ${reply.status} ${reply.text}`)
    return jsonOf(reply)
  }

  /** Makes an object below a path. */
  create(path: string, body: object): Promise<unknown> {
    return this.expect({ method: 'POST', path, body }, 201)
  }

  configMap(name: string, more: object = {}): Promise<unknown> {
    return this.create(this.core('configmaps'), { metadata: { name, ...more }, data: { name } })
  }

  async versionOf(path: string): Promise<string> {
    return String(pick(await this.expect({ path }), 'metadata.resourceVersion'))
  }

  /** Asks each second until the answer is right, for half a minute: what one part of a server is told, another learns later. */
  async eventually(ask: Ask, right: (reply: Reply) => boolean): Promise<Reply> {
    let reply = await this.send(ask)
    for (let turn = 0; turn < 30 && !right(reply); turn++) {
      await this.#second()
      reply = await this.send(ask)
    }
    assert.ok(right(reply), `${ask.path}: ${reply.status} ${reply.text}`)
    return reply
  }

  // The server's own clock, which in a simulation is not that of the machine.
  async #second(): Promise<void> {
    const query = { watch: '1', timeoutSeconds: '1', fieldSelector: 'metadata.name=nothing' }
    await (await this.open({ path: this.core('configmaps'), query })).rest()
  }
}

/** Asserts a Status of failure, word for word where words are given. */
export function assertStatus(
  body: unknown,
  { code, reason, message }: { code: number; reason: string; message?: string | RegExp },
): void {
  assert.equal(pick(body, 'kind'), 'Status')
  assert.equal(pick(body, 'apiVersion'), 'v1')
  assert.equal(pick(body, 'status'), 'Failure')
  assert.equal(pick(body, 'code'), code)
  assert.equal(pick(body, 'reason'), reason)
  const said = String(pick(body, 'message'))
  if (typeof message === 'string') assert.equal(said, message)
  else if (message !== undefined) assert.match(said, message)
}
