/** Which names the API answers to. */
export interface HostRules {
  /** As configured: a name, or a name with its port. */
  readonly names: readonly string[]
  /** The name or address that it listens on. */
  readonly listen: string
  /** The port that it listens on, once it does. */
  readonly port: () => number
  readonly loopback: boolean
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])
const WILDCARDS = new Set(['0.0.0.0', '[::]', '*'])

/** The two halves of HOST:PORT, of a configuration that was checked. */
export function listenOf(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).toLowerCase(), port: Number(listen.slice(colon + 1)) }
}

/** Whether only this machine can reach what listens on this host. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)

/** Whether everybody who can reach this machine can reach what listens on this host. */
export const isWildcard = (host: string): boolean => WILDCARDS.has(host)

/**
 * Whether a request may name the API by this Host. A page whose name was made to resolve to this machine still sends its own name,
 * so nothing but the listed names passes. `local` is the address that the connection came in on: an address cannot be made to resolve.
 */
export function allowsHost(rules: HostRules, host = '', local?: string): boolean {
  const [, name, port] = HOST.exec(host.toLowerCase()) ?? []
  if (name === undefined) return false
  if (rules.names.some((one) => isNamed(one.toLowerCase(), name, port))) return true
  const own = LOOPBACK.has(name) || name === rules.listen
  if (rules.loopback) return own && Number(port ?? 80) === rules.port()
  // Behind a port-forward the port is another one, which this side cannot know.
  return own || name === bracketed(local)
}

const isNamed = (one: string, name: string, port: string | undefined): boolean =>
  one === name || (port !== undefined && one === `${name}:${port}`)

function bracketed(address = ''): string {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '')
  return plain.includes(':') ? `[${plain}]` : plain
}

/** Whether a request comes from a page of another place, by what the browser says of it. */
export function isForeign(headers: {
  readonly host: string
  readonly origin?: string | undefined
  readonly site?: string | undefined
}): boolean {
  const { host, origin, site } = headers
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  const ours = host.toLowerCase()
  return origin !== undefined && origin !== `http://${ours}` && origin !== `https://${ours}`
}
