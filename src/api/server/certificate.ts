import { generateKeyPairSync, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { bits, der, identifier, integer, octets, sequence, text, time } from './der.ts'

/** A certificate and its key, PEM. */
export interface KeyAndCertificate {
  readonly key: string
  readonly cert: string
}

export interface SelfSigned {
  /** DNS names and addresses that it is for. */
  readonly names: readonly string[]
  /** Milliseconds since 1970. */
  readonly from: number
  readonly until: number
  /** 16 bytes that no other certificate has. */
  readonly serial: Uint8Array
}

const ECDSA_WITH_SHA256 = sequence(identifier('1.2.840.10045.4.3.2'))
const NAME = sequence(der(0x31, sequence(identifier('2.5.4.3'), text('dogwatch'))))
const DIGITAL_SIGNATURE = Buffer.from([0x03, 0x02, 0x07, 0x80])
const SERVER_AUTH = sequence(identifier('1.3.6.1.5.5.7.3.1'))
const YES = Buffer.from([0x01, 0x01, 0xff])

const critical = (id: string, value: Uint8Array): Buffer => sequence(identifier(id), YES, octets(value))
const extension = (id: string, value: Uint8Array): Buffer => sequence(identifier(id), octets(value))

/** Makes a certificate that signs itself (ECDSA P-256, X.509 v3). Node can do everything for TLS but this. */
export function selfSigned({ names, from, until, serial }: SelfSigned): KeyAndCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const content = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(time(from), time(until)),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        critical('2.5.29.19', sequence()),
        critical('2.5.29.15', DIGITAL_SIGNATURE),
        extension('2.5.29.37', SERVER_AUTH),
        extension('2.5.29.17', sequence(...names.map(alternative))),
      ),
    ),
  )
  const whole = sequence(content, ECDSA_WITH_SHA256, bits(sign('sha256', content, privateKey)))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function alternative(name: string): Buffer {
  const bytes = addressOf(name)
  return bytes ? der(0x87, bytes) : der(0x82, Buffer.from(name))
}

function addressOf(name: string): Buffer | undefined {
  if (isIP(name) === 4) return Buffer.from(name.split('.').map(Number))
  if (isIP(name) !== 6) return undefined
  // The URL parser writes an address in its one short form, an embedded IPv4 address included.
  const plain = new URL(`http://[${name}]`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const groups = (half = ''): string[] => (half === '' ? [] : half.split(':'))
  const gap = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length
  const all = [...groups(head), ...Array.from({ length: gap }, () => '0'), ...groups(tail)]
  return Buffer.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]))
}
