import { ClusterError } from './errors.ts'

/** One request to an API server. */
export interface ApiRequest {
  /** `POST` asks for a review (TokenReview, SubjectAccessReview): nothing of the cluster is changed. */
  readonly method: 'GET' | 'POST'
  /** Below the server's root, such as `/api/v1/pods`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** JSON, of a `POST`. */
  readonly body?: string | undefined
  /** Milliseconds of silence after which the request is given up, where the transport's own limit is not right. */
  readonly idleAfter?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ApiResponse {
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The bytes as they arrive, decompressed; fails with a `TransportError`. To stop reading ends the request. */
  readonly body: AsyncIterable<Uint8Array>
}

/** The one way to an API server: a request goes in, a status and a stream of bytes come out. */
export interface Transport {
  /** The server and how it was chosen, as messages name it. */
  readonly place: string
  /** @throws TransportError when no answer comes. */
  request(request: ApiRequest): Promise<ApiResponse>
}

/** `reset`: the connection broke, and to ask again may help. `credentials`: none could be had; the server was not asked. */
export type TransportFault = 'unreachable' | 'certificate' | 'credentials' | 'timeout' | 'reset'

export class TransportError extends ClusterError {
  readonly fault: TransportFault

  constructor(fault: TransportFault, message: string) {
    super(message)
    this.fault = fault
  }
}
