import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import * as fc from 'fast-check'
import { LIMITS } from '../../src/api/limits.ts'
import { selfSigned } from '../../src/api/server/certificate.ts'
import { ApiServer } from '../../src/api/server/server.ts'
import { identityFor, type Identity } from '../../src/api/server/tls.ts'
import { SILENT } from '../../src/util/logger.ts'
import { rest } from '../../src/util/virtual-clock.ts'
import { certificate } from '../support/certificate.ts'
import { ManualClock } from '../support/clock.ts'
import { testApi } from '../support/served-api.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const DAY = 86_400_000

test('a certificate that signs itself is one that X.509 readers read', () => {
  const names = [
    'dogwatch.dogwatch.svc',
    'localhost',
    '127.0.0.1',
    '::1',
    'fd00::7:1',
    '::ffff:10.2.3.4',
    '1:2:3:4:5:6:7:8',
  ]
  const { cert, key } = selfSigned({ names, from: NOON - DAY, until: NOON + 366 * DAY, serial: Buffer.alloc(16, 0xff) })
  const read = new X509Certificate(cert)
  assert.equal(read.subject, 'CN=dogwatch')
  assert.equal(read.issuer, 'CN=dogwatch')
  assert.equal(read.serialNumber, 'FF'.repeat(16))
  assert.equal(read.validFromDate.getTime(), NOON - DAY)
  assert.equal(read.validToDate.getTime(), NOON + 366 * DAY)
  assert.equal(read.ca, false)
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.ok(read.verify(read.publicKey), 'signed by its own key')
  assert.equal(read.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.match(key, /BEGIN PRIVATE KEY/)
  for (const name of ['dogwatch.dogwatch.svc', 'localhost']) assert.equal(read.checkHost(name), name)
  assert.equal(read.checkHost('evil.example'), undefined)
  for (const address of ['127.0.0.1', '::1', 'fd00::7:1', '::ffff:10.2.3.4', '1:2:3:4:5:6:7:8'])
    assert.equal(read.checkIP(address), address)
  assert.equal(read.checkIP('10.0.0.1'), undefined)
})

test('any serial and any names give a certificate that can be read', () => {
  const serial = fc.uint8Array({ minLength: 16, maxLength: 16 })
  const names = fc.uniqueArray(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(serial, names, (digits, all) => {
      const { cert } = selfSigned({ names: all, from: NOON, until: NOON + DAY, serial: digits })
      const read = new X509Certificate(cert)
      const wanted = BigInt(`0x${Buffer.from(digits).toString('hex')}`)
      assert.equal(BigInt(`0x${read.serialNumber}`), wanted)
      assert.equal(read.subjectAltName?.split(', ').length, all.length)
      assert.ok(read.verify(read.publicKey))
    }),
    { numRuns: 50 },
  )
})

const made = (clock: ManualClock, hosts: readonly string[] = []): Identity =>
  identityFor({ hosts }, { host: '0.0.0.0', clock, random: Math.random, logger: SILENT })

test('without files one is made for the names that are configured, kept, and renewed long before it ends', async () => {
  const clock = new ManualClock(NOON)
  const identity = made(clock, ['dogwatch.test:8443', '[fd00::1]:8443'])
  assert.equal(identity.fingerprint(), '')
  const first = await identity.load()
  const read = new X509Certificate(first.cert)
  assert.equal(identity.fingerprint(), read.fingerprint256)
  for (const name of ['dogwatch.test', 'localhost']) assert.equal(read.checkHost(name), name)
  assert.equal(read.checkIP('fd00::1'), 'fd00::1')
  assert.equal(read.checkIP('0.0.0.0'), undefined)
  const renewed: string[] = []
  identity.keep(({ cert }) => void renewed.push(cert))
  clock.advance(3_600_000)
  await rest()
  assert.deepEqual(renewed, [])
  clock.advance(200 * DAY)
  await rest()
  assert.equal(renewed.length, 1)
  assert.notEqual(renewed[0], first.cert)
  identity.release()
  assert.equal(clock.waiting, 0)
})

/** Who answers on a port, and what. */
function shown(port: number): Promise<{ code: number | undefined; name: string; protocol: string | null }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/healthz', rejectUnauthorized: false, agent: false }
    const sent = request(options, (response) => {
      const socket = response.socket as TLSSocket
      const { subject } = socket.getPeerCertificate()
      response.resume()
      response.on('end', () =>
        resolve({ code: response.statusCode, name: String(subject.CN), protocol: socket.getProtocol() }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('a client that trusts the certificate that was made speaks to the server by its name', async () => {
  const clock = new ManualClock(Date.now())
  const identity = made(clock)
  const closing = new AbortController()
  const server = new ApiServer({ host: '127.0.0.1', port: 0, limits: LIMITS, clock, logger: SILENT, identity, closing })
  await server.listen(testApi({ config: { hosts: ['localhost'] } }).api.app)
  const { cert } = await identity.load()
  const options = { host: '127.0.0.1', port: server.port, path: '/healthz', agent: false, servername: 'localhost' }
  const code = await new Promise((resolve, reject) => {
    const headers = { host: 'localhost' }
    const sent = request({ ...options, headers, ca: cert }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    sent.on('error', reject)
    sent.end()
  })
  assert.equal(code, 200)
  await server.close(0)
  assert.equal(clock.waiting, 0)
})

test('files are served, read again when they change, and kept when they turn bad', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dogwatch-tls-'))
  const tls = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  const write = async ({ cert, key }: { cert: string; key: string }): Promise<void> => {
    await Promise.all([writeFile(tls.certificate, cert), writeFile(tls.key, key)])
  }
  await write(certificate({ name: 'first', ip: [127, 0, 0, 1] }))
  const served = testApi({ config: { tls } })
  const { url } = await served.api.listen()
  const port = Number(new URL(url).port)
  assert.ok(url.startsWith('https://'))
  assert.deepEqual(await shown(port), { code: 200, name: 'first', protocol: 'TLSv1.3' })
  const look = async (lines: number): Promise<void> => {
    served.clock.advance(30_000)
    while (served.logged.length < lines || served.clock.waiting === 0) await rest(1)
  }
  await write(certificate({ name: 'second', ip: [127, 0, 0, 1] }))
  await look(2)
  assert.equal((await shown(port)).name, 'second')
  await writeFile(tls.key, certificate({ name: 'other' }).key)
  await look(3)
  assert.equal((await shown(port)).name, 'second', 'a key that does not fit')
  await writeFile(tls.certificate, '-----BEGIN CERTIFICATE-----\nMIIB')
  await look(4)
  await rm(tls.certificate)
  await look(5)
  assert.equal((await shown(port)).name, 'second')
  assert.deepEqual(
    served.logged.map(({ event }) => event),
    ['api listens', 'api certificate renewed', 'api certificate kept', 'api certificate kept', 'api certificate kept'],
  )
  await served.api.close(0)
  assert.equal(served.clock.waiting, 0)
  await rm(folder, { recursive: true })
})

test('a certificate that cannot be read is said when listening begins', async () => {
  const served = testApi({ config: { tls: { certificate: '/nowhere/tls.crt', key: '/nowhere/tls.key' } } })
  await assert.rejects(served.api.listen(), /ENOENT/)
})
