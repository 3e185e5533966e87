import type { Api } from './api.ts'
import { ClusterError, foreign } from './errors.ts'

/** The version that the server says it is, such as `v1.36.3`; `undefined` when it does not tell. */
export async function readVersion(api: Api): Promise<string | undefined> {
  try {
    const answer = await api.read({ path: '/version' }, () => () => undefined)
    const version = typeof answer === 'object' && answer !== null && 'gitVersion' in answer ? answer.gitVersion : ''
    return typeof version === 'string' && version !== '' ? foreign(version) : undefined
  } catch (error) {
    if (error instanceof ClusterError) return undefined
    throw error
  }
}
