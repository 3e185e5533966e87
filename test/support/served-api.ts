import { connect } from 'node:net'
import { createApi, type Answered, type Api, type ApiOptions, type ServerConfig } from '../../src/api/api.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../src/cluster/transport.ts'
import type { FindingView } from '../../src/sinks/envelope.ts'
import { Publication, type PublicationUpdate } from '../../src/sinks/publication.ts'
import type { Status } from '../../src/sinks/status.ts'
import type { Fields } from '../../src/util/logger.ts'
import { ManualClock } from './clock.ts'
import { finding } from './envelopes.ts'

export const SCORES = { health: 100, delivery: 100, storage: 100, scaling: 100, efficiency: 100 }

/** An update that brings findings, or nothing. */
export const update = (changed: readonly FindingView[], seed: Partial<PublicationUpdate> = {}): PublicationUpdate => ({
  changed,
  gone: [],
  unknown: [],
  incomplete: [],
  scores: SCORES,
  at: Date.parse('2026-11-21T12:00:00Z'),
  ...seed,
})

/** A finding of a workload of the same name. */
export const findingIn = (namespace: string, id: string, seed: Partial<FindingView> = {}): FindingView =>
  finding({ id, target: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: id, uid: id }, ...seed })

/** The status of a daemon that is well. */
export const statusOf = (seed: Partial<Status> = {}): Status => ({
  version: '1.2.3',
  cluster: 'test',
  startedAt: '2026-11-21T11:00:00Z',
  now: '2026-11-21T12:00:00Z',
  mode: 'observe',
  level: 'L1',
  ready: { synced: true, fresh: true, waitingFor: [] },
  rules: { count: 3, version: 'sha256:1', loadedAt: '2026-11-21T11:00:00Z', problems: [], disabled: [], held: [] },
  kinds: [],
  blind: [],
  counts: { objects: 1, evaluations: 1, findings: {} },
  checkpoint: { path: null, savedAt: null, problem: null },
  ...seed,
})

export interface TestApi {
  readonly api: Api
  readonly publication: Publication
  readonly clock: ManualClock
  readonly answered: Answered[]
  readonly logged: { readonly event: string; readonly fields: Fields }[]
}

/** An API over a small publication. Listens on a port of loopback's own choice, when told to. */
export function testApi(seed: Partial<Omit<ApiOptions, 'config'>> & { config?: Partial<ServerConfig> } = {}): TestApi {
  const clock = new ManualClock()
  const publication = seed.publication ?? new Publication({ epoch: 'e1', cluster: 'test', now: () => clock.now() })
  const answered: Answered[] = []
  const logged: TestApi['logged'] = []
  const log = (event: string, fields: Fields = {}): void => void logged.push({ event, fields })
  const { config, ...others } = seed
  const api = createApi({
    publication,
    status: () => statusOf(),
    snapshot: () => '{"kind":"List"}\n',
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'dogwatch_findings 1\n' }),
    clock,
    random: () => 0.5,
    logger: { debug: log, info: log, warn: log, error: log },
    answered: (request) => void answered.push(request),
    ...others,
    config: { listen: '127.0.0.1:0', hosts: [], openReads: false, ...config },
  })
  return { api, publication, clock, answered, logged }
}

/** Sends bytes as they are and reads until the other side closes. */
export function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => void (answer += chunk))
    socket.on('close', () => resolve(answer))
    // A server that closes without reading all of a body breaks the connection; what it has said before counts.
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
  })
}

/** Who the fake API server knows, and what they may get. */
export interface Accounts {
  /** By token. */
  readonly users: Readonly<Record<string, { readonly username: string; readonly audiences?: readonly string[] }>>
  /** `USER RESOURCE` for everything, `USER RESOURCE NAMESPACE` for one namespace. */
  readonly rights: ReadonlySet<string>
}

export interface FakeReviews extends Transport {
  readonly asked: { readonly path: string; readonly body: string }[]
  /** Takes the place of the answer: to fail, to be silent, to talk nonsense. */
  instead: ((request: ApiRequest) => Promise<ApiResponse>) | undefined
}

export const answerOf = (status: number, body: unknown): ApiResponse => ({
  status,
  headers: {},
  body: (async function* () {
    yield Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  })(),
})

interface ReviewBody {
  readonly spec: {
    readonly token?: string
    readonly audiences?: readonly string[]
    readonly user?: string
    readonly resourceAttributes?: {
      readonly group: string
      readonly resource: string
      readonly verb: string
      readonly namespace?: string
    }
  }
}

/** An API server that does reviews and nothing else, worded as a real one. */
export function fakeReviews({ users, rights }: Accounts): FakeReviews {
  const fake: FakeReviews = {
    place: 'https://memory',
    asked: [],
    instead: undefined,
    async request(request) {
      fake.asked.push({ path: request.path, body: request.body ?? '' })
      if (fake.instead) return fake.instead(request)
      const { spec } = JSON.parse(request.body ?? '{}') as ReviewBody
      if (request.path === '/apis/authentication.k8s.io/v1/tokenreviews') return answerOf(201, tokenReview(spec, users))
      const { group, resource, verb, namespace } = spec.resourceAttributes ?? { group: '', resource: '', verb: '' }
      const everywhere = rights.has(`${spec.user} ${resource}`)
      const allowed =
        group === 'dogwatch.io' && verb === 'get' && (everywhere || rights.has(`${spec.user} ${resource} ${namespace}`))
      return answerOf(201, { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', status: { allowed } })
    },
  }
  return fake
}

function tokenReview({ token = '', audiences = [] }: ReviewBody['spec'], users: Accounts['users']): object {
  const user = Object.hasOwn(users, token) ? users[token] : undefined
  const shared = (user?.audiences ?? ['dogwatch']).filter((one) => audiences.includes(one))
  const status =
    user && shared.length > 0
      ? { authenticated: true, user: { username: user.username, groups: ['system:authenticated'] }, audiences: shared }
      : { user: {}, error: '[invalid bearer token]' }
  return { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token }, status }
}
