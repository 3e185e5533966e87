import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { HOUR, MINUTE } from '../../util/time.ts'
import { isWildcard } from '../hosts.ts'
import { selfSigned, type KeyAndCertificate } from './certificate.ts'

/** Paths of a certificate with its chain, and of its key, PEM. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

/** What the server shows of itself. */
export interface Identity {
  /** @throws Error when it cannot be had. */
  load(): Promise<KeyAndCertificate>
  /** SHA-256 of the certificate that is shown, for a person to compare; empty before it is loaded. */
  fingerprint(): string
  /** Hands on each later one. */
  keep(renew: (next: KeyAndCertificate) => void): void
  release(): void
}

export interface IdentityOptions {
  readonly host: string
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly logger: Logger
}

/** How often files are read again. A mounted Secret itself takes about a minute to change. */
const LOOK_EVERY = 30_000
const VALID_FOR = 366 * 24 * HOUR
const RENEW_AFTER = 180 * 24 * HOUR
const LOCAL = ['localhost', '127.0.0.1', '::1']

/** The certificate of the configuration, or one that is made for this run. */
export function identityFor(
  { tls, hosts }: { readonly tls?: TlsFiles | undefined; readonly hosts: readonly string[] },
  options: IdentityOptions,
): Identity {
  if (tls) return new Renewing(options, LOOK_EVERY, () => fromFiles(tls))
  const names = namesOf(hosts, options.host)
  return new Renewing(options, HOUR, making(names, options))
}

class Renewing implements Identity {
  readonly #options: IdentityOptions
  readonly #every: number
  readonly #read: () => Promise<KeyAndCertificate>
  #now: KeyAndCertificate | undefined
  #cancel = (): void => undefined
  #released = false

  constructor(options: IdentityOptions, every: number, read: () => Promise<KeyAndCertificate>) {
    this.#options = options
    this.#every = every
    this.#read = read
  }

  async load(): Promise<KeyAndCertificate> {
    const next = await this.#read()
    // Half-written files, or a certificate without its key, are found out here and not by the next client.
    createSecureContext(next)
    this.#now = next
    return next
  }

  fingerprint(): string {
    return this.#now ? new X509Certificate(this.#now.cert).fingerprint256 : ''
  }

  keep(renew: (next: KeyAndCertificate) => void): void {
    if (this.#released) return
    this.#cancel = this.#options.clock.after(this.#every, () => {
      void this.#renew(renew).finally(() => this.keep(renew))
    })
  }

  release(): void {
    this.#released = true
    this.#cancel()
  }

  async #renew(renew: (next: KeyAndCertificate) => void): Promise<void> {
    const { logger } = this.#options
    const before = this.#now
    try {
      const next = await this.load()
      if (before && next.cert === before.cert && next.key === before.key) return
      renew(next)
      logger.info('api certificate renewed', { fingerprint: this.fingerprint() })
    } catch (error) {
      logger.warn('api certificate kept', { error: error instanceof Error ? error.message : String(error) })
    }
  }
}

async function fromFiles({ certificate, key }: TlsFiles): Promise<KeyAndCertificate> {
  const [cert, secret] = await Promise.all([readFile(certificate, 'utf8'), readFile(key, 'utf8')])
  return { cert, key: secret }
}

/** Makes one, and another long before it expires. */
function making(names: readonly string[], { clock, random }: IdentityOptions): () => Promise<KeyAndCertificate> {
  let last: { readonly made: KeyAndCertificate; readonly at: number } | undefined
  return () => {
    const now = clock.now()
    if (!last || Math.abs(now - last.at) >= RENEW_AFTER) {
      const serial = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)))
      const until = now + VALID_FOR
      last = { made: selfSigned({ names, from: now - 5 * MINUTE, until, serial }), at: now }
    }
    return Promise.resolve(last.made)
  }
}

/** The names without their ports, and how this machine calls itself. */
function namesOf(hosts: readonly string[], host: string): string[] {
  const listed = hosts.map((name) => name.replace(/(?<=\]|^[^:]+):\d+$/, ''))
  const all = [...listed, ...(isWildcard(host) ? [] : [host]), ...LOCAL]
  return [...new Set(all.map((name) => name.replaceAll(/[[\]]/g, '').toLowerCase()))]
}
