import type { ServerResponse } from 'node:http'
import { isAsked, status, type Question } from './question.ts'
import { send } from './send.ts'
import { ABSENT } from './slot.ts'
import { slotOf, type Snapshot, type World } from './world.ts'

/** Lists that are being read page by page. */
const MOST_OPEN = 50
const GONE = 410

/** Answers lists, in pages of one state. */
export class Lists {
  readonly #world: World
  readonly #open = new Map<number, Snapshot>()
  #count = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Forgets the states that pages are read from. */
  expire(): void {
    this.#open.clear()
  }

  async answer(question: Question, response: ServerResponse): Promise<void> {
    const token = question.query.get('continue')
    const limit = Number(question.query.get('limit') ?? 0) || Number.POSITIVE_INFINITY
    if (token === null) return this.#page(question, { list: this.#begin(question), from: 0, limit }, response)
    const [list = Number.NaN, from = 0] = token.split('.').map(Number)
    if (this.#open.has(list)) return this.#page(question, { list, from, limit }, response)
    response.writeHead(GONE, { 'content-type': 'application/json' })
    response.end(status(GONE, 'Expired', 'The provided continue parameter is too old'))
  }

  #begin({ kind }: Question): number {
    this.#count++
    this.#open.set(this.#count, this.#world.snapshot(kind.resource))
    const [oldest] = this.#open.keys()
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest)
    return this.#count
  }

  async #page(question: Question, at: { list: number; from: number; limit: number }, response: ServerResponse) {
    const snapshot = this.#open.get(at.list)
    if (snapshot === undefined) return
    const { indexes, next } = pageOf(question, snapshot, at)
    if (next === undefined) this.#open.delete(at.list)
    const { kind } = question
    const more = next === undefined ? '' : `${at.list}.${next}`
    const head = `{"kind":"${kind.kind}List","apiVersion":"${kind.apiVersion}","metadata":{"resourceVersion":"${snapshot.rv}","continue":"${more}"},"items":[`
    response.writeHead(200, { 'content-type': 'application/json' })
    if (await send(response, pieces(question, snapshot, { head, indexes }))) response.end(']}')
  }
}

function pageOf(question: Question, { columns }: Snapshot, { from, limit }: { from: number; limit: number }) {
  const indexes: number[] = []
  for (let index = from; index < question.kind.count; index++) {
    if (columns.state[index] === ABSENT || !isAsked(question, index)) continue
    if (indexes.length === limit) return { indexes, next: index }
    indexes.push(index)
  }
  return { indexes, next: undefined }
}

function* pieces({ kind }: Question, { columns }: Snapshot, { head, indexes }: { head: string; indexes: number[] }) {
  yield head
  let between = ''
  for (const index of indexes) {
    yield between + kind.render(slotOf(columns, index), 'text')
    between = ','
  }
}
