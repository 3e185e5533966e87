import type { FindingView } from '../../src/sinks/envelope.ts'
import { Publication, type PublicationUpdate } from '../../src/sinks/publication.ts'
import type { Status } from '../../src/sinks/status.ts'
import { NOW } from './build.ts'
import { statusOf, testApi, update, type TestApi } from './served-api.ts'

/** The API of a daemon on loopback, with what a test says that it has found. */
export interface TestDaemon extends AsyncDisposable {
  readonly url: string
  readonly served: TestApi
  /** What `/status` answers. */
  status: Status
  /** It finds these now, and these are gone. */
  find(changed: readonly FindingView[], seed?: Partial<PublicationUpdate>): void
}

interface TestDaemonOptions {
  readonly findings?: readonly FindingView[]
  readonly status?: Partial<Status>
  /** Each life of a daemon has one of its own. */
  readonly epoch?: string
  /** Default one that is free. */
  readonly port?: number
  readonly cluster?: string
}

export async function testDaemon(options: TestDaemonOptions = {}): Promise<TestDaemon> {
  const { findings = [], status, epoch = 'e1', port = 0, cluster = 'test' } = options
  const publication = new Publication({ epoch, cluster, now: () => NOW })
  const served = testApi({ publication, status: () => daemon.status, config: { listen: `127.0.0.1:${port}` } })
  const { url } = await served.api.listen()
  const daemon: TestDaemon = {
    url,
    served,
    status: statusOf(status),
    find: (changed, seed) => publication.update(update(changed, seed)),
    [Symbol.asyncDispose]: () => served.api.close(0),
  }
  daemon.find(findings)
  return daemon
}
