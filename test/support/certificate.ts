import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A certificate and its key as PEM, made for one test. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly issuer: { readonly name: string; readonly key: KeyObject }
}

export interface CertificateOptions {
  readonly name: string
  /** Who signs it; itself when absent. */
  readonly by?: Certificate
  /** Address it is for. */
  readonly ip?: readonly [number, number, number, number]
  /** Default the year 2040. */
  readonly until?: string
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const bytes = (...values: readonly number[]): Buffer => Buffer.from(values)
const oid = (...values: readonly number[]): Buffer => der(0x06, bytes(...values))
const time = (text: string): Buffer => der(0x18, Buffer.from(text))
const bits = (content: Uint8Array): Buffer => der(0x03, bytes(0), content)

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
const commonName = (text: string): Buffer =>
  sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(text)))))
const authority = sequence(oid(0x55, 0x1d, 0x13), der(0x04, sequence(der(0x01, bytes(0xff)))))
const forAddress = (ip: readonly number[]): Buffer =>
  sequence(oid(0x55, 0x1d, 0x11), der(0x04, sequence(der(0x87, bytes(...ip)))))

let serial = 1

/** Makes an X.509 certificate. Node can do everything for TLS but this. */
export function certificate({ name, by, ip, until = '20400101000000Z' }: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = by?.issuer ?? { name, key: privateKey }
  const content = sequence(
    der(0xa0, der(0x02, bytes(2))),
    der(0x02, bytes(++serial)),
    ECDSA_WITH_SHA256,
    commonName(issuer.name),
    sequence(time('20200101000000Z'), time(until)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(ip ? forAddress(ip) : authority)),
  )
  const whole = sequence(content, ECDSA_WITH_SHA256, bits(sign('sha256', content, issuer.key)))
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    issuer: { name, key: privateKey },
  }
}
