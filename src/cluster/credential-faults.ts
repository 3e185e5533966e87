import { codeOf, foreign } from './errors.ts'
import type { ClusterAccess } from './kubeconfig.ts'
import { TransportError } from './transport.ts'

type Exec = { readonly command?: unknown; readonly installHint?: unknown }

/** Puts into words why credentials could not be had, without a secret of the kubeconfig or what a plugin printed as credential. */
export function credentialFault(error: unknown, { config, place, user, secrets }: ClusterAccess): TransportError {
  if (error instanceof TransportError) return error
  const exec = config.getCurrentUser()?.exec as Exec | null | undefined
  const words = exec ? pluginFault(error, exec) : settingsFault(error)
  // Before anything is cut short: half a secret would not be found.
  const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), words)
  return new TransportError('credentials', `${place}: user "${foreign(user)}": ${foreign(shown)}`)
}

function settingsFault(error: unknown): string {
  const path = error instanceof Error && 'path' in error ? String(error.path) : undefined
  if (path === undefined) return `no credentials: ${saysOf(error)}`
  return `${path}: ${codeOf(error) === 'ENOENT' ? 'no such file' : 'it cannot be read'}; log in again, or mend the kubeconfig`
}

function pluginFault(error: unknown, { command, installHint }: Exec): string {
  const plugin = `credential plugin "${String(command)}"`
  if (codeOf(error) === 'ENOENT')
    return `${plugin} is not installed${typeof installHint === 'string' ? `: ${installHint}` : ''}`
  // The message of the parser quotes what the plugin printed, and that is a credential.
  if (error instanceof SyntaxError || error instanceof TypeError) return `${plugin} printed no ExecCredential`
  return `${plugin} failed: ${saysOf(error) || 'it said nothing'}`
}

const saysOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
