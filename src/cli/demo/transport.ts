import { networkFault } from '../../cluster/network-faults.ts'
import { TransportError, type ApiRequest, type ApiResponse, type Transport } from '../../cluster/transport.ts'
import type { SimulatedApiServer } from '../../simulator/server.ts'
import { abortError } from '../../util/clock.ts'

/** The way to a simulated API server, without a network; what fails, fails as with the transport that has one. */
export function transportTo(server: SimulatedApiServer): Transport {
  return {
    place: server.place,
    async request(request: ApiRequest): Promise<ApiResponse> {
      const fault = (error: unknown): Error => faultOf(error, server.place, request.signal)
      try {
        const { status, headers, body } = await server.request(request)
        return { status, headers, body: faulty(body, fault) }
      } catch (error) {
        throw fault(error)
      }
    },
  }
}

function faultOf(error: unknown, place: string, signal: AbortSignal | undefined): Error {
  if (signal?.aborted === true) return abortError(signal)
  return error instanceof TransportError ? error : networkFault(error, place)
}

// Not a generator: its end would wait for a read that is under way, and a stream may be silent for ever.
function faulty(body: AsyncIterable<Uint8Array>, fault: (error: unknown) => Error): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        chunks.next().catch((error: unknown) => {
          throw fault(error)
        }),
      return: async () => (await chunks.return?.()) ?? { done: true, value: undefined },
    }),
  }
}
