import { readFile } from 'node:fs/promises'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { oneLine } from '../errors.ts'
import { shellWord } from '../invocation.ts'
import { filled } from '../options.ts'
import { UsageError, type Console } from '../services.ts'

const DEFAULT_SERVER = 'http://127.0.0.1:8686'

/** The options that say which daemon to ask, as they were given. */
export interface ServerOptions {
  readonly server?: string
  readonly tokenFile?: string
  readonly certificateAuthority?: string
  readonly tlsServerName?: string
}

/** Where a daemon answers, and how it is asked. */
export interface Address {
  /** Without a slash at the end. */
  readonly url: string
  /** The token to send along, read anew for each request: the one of a pod is renewed within the hour. */
  readonly token: () => Promise<string | undefined>
  /** PEM; `undefined` for the authorities that this machine knows. */
  readonly authority: string | undefined
  /** The name that the certificate is for; `undefined` for that of the address. */
  readonly serverName: string | undefined
}

function address(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('an address such as https://127.0.0.1:8686 is expected')
  if (url.username !== '' || url.password !== '') throw new InvalidArgumentError('no user and no password go in it')
  if (url.search !== '' || url.hash !== '') throw new InvalidArgumentError('it ends before any ? or #')
  return url.href.replace(/\/+$/, '')
}

/** Adds the options that say which daemon to ask. */
export const serverOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--server <url>',
        `where the daemon answers (default: $DOGWATCH_SERVER, or ${DEFAULT_SERVER})`,
      ).argParser(address),
    )
    .addOption(
      new Option(
        '--token-file <file>',
        'a file with the token to send along (default: the token in $DOGWATCH_TOKEN, if any)',
      ).argParser(filled),
    )
    .addOption(
      new Option(
        '--certificate-authority <file>',
        "the authority, PEM, that signed the daemon's certificate",
      ).argParser(filled),
    )
    .addOption(
      new Option('--tls-server-name <name>', 'the name in its certificate, where that is not the address').argParser(
        filled,
      ),
    )

/** Which daemon to ask. @throws UsageError when a file cannot be read, or a token would go over the network in the open. */
export async function addressOf(given: ServerOptions, { env }: Pick<Console, 'env'>): Promise<Address> {
  const url = given.server ?? fromEnvironment(env['DOGWATCH_SERVER'])
  const token = tokenOf(given, env['DOGWATCH_TOKEN'])
  if (isOpen(url) && (await token()) !== undefined)
    throw new UsageError(
      `${oneLine(url)}: a token is not sent without TLS\ngive an https address, or leave the token out`,
    )
  const authority = given.certificateAuthority === undefined ? undefined : await read(given.certificateAuthority)
  if (authority !== undefined && !authority.includes('-----BEGIN CERTIFICATE-----'))
    throw new UsageError(`${oneLine(given.certificateAuthority ?? '')}: no certificate in PEM form is in it`)
  return { url, token, authority, serverName: given.tlsServerName }
}

function fromEnvironment(given: string | undefined): string {
  if (given === undefined || given === '') return DEFAULT_SERVER
  try {
    return address(given)
  } catch (error) {
    throw new UsageError(`DOGWATCH_SERVER: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

const isOpen = (url: string): boolean => {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !LOOPBACK.test(hostname)
}

function tokenOf({ tokenFile }: ServerOptions, token: string | undefined): () => Promise<string | undefined> {
  if (tokenFile !== undefined) return async () => checked(await read(tokenFile), tokenFile)
  const given = token === undefined || token === '' ? undefined : checked(token, 'DOGWATCH_TOKEN')
  return () => Promise.resolve(given)
}

// What may stand in a header; never shown, whatever is wrong with it.
function checked(token: string, where: string): string {
  const trimmed = token.trim()
  if (!/^[\x21-\x7E]+$/.test(trimmed)) throw new UsageError(`${oneLine(where)}: what is in it is no token`)
  return trimmed
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new UsageError(`${oneLine(file)}: ${REASONS[reason] ?? reason}`, { cause: error })
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a directory',
}

/** The same options as they are typed again. */
export function retypedServer(given: ServerOptions): string {
  const words = [
    ['--server', given.server],
    ['--token-file', given.tokenFile],
    ['--certificate-authority', given.certificateAuthority],
    ['--tls-server-name', given.tlsServerName],
  ] as const
  return words.map(([flag, value]) => (value === undefined ? '' : ` ${flag} ${shellWord(value)}`)).join('')
}
