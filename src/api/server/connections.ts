import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Connection {
  readonly socket: Socket
  /** Requests under way. */
  busy: number
}

const keyOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`

/**
 * Holds connections to a number. When there are too many, the one that has been silent longest is closed: those who open many and say
 * nothing do not shut out those who ask.
 */
export class Connections {
  readonly #most: number
  // By the peer's address: of a connection with TLS, requests know another socket than the one that was accepted.
  readonly #open = new Map<string, Connection>()

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#open.size
  }

  add(socket: Socket): void {
    const key = keyOf(socket)
    this.#open.set(key, { socket, busy: 0 })
    socket.once('close', () => this.#open.delete(key))
    if (this.#open.size > this.#most) this.#closeOne()
  }

  /** Notes that a request is under way. */
  begin({ socket }: IncomingMessage, response: ServerResponse): void {
    const key = keyOf(socket)
    const connection = this.#open.get(key)
    if (!connection) return
    connection.busy++
    response.once('close', () => {
      connection.busy--
      if (this.#open.delete(key)) this.#open.set(key, connection)
    })
  }

  // The newest is idle too, so when all others are busy it is the one that goes.
  #closeOne(): void {
    for (const [key, { socket, busy }] of this.#open) {
      if (busy > 0) continue
      this.#open.delete(key)
      socket.destroy()
      return
    }
  }
}
