import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { delimiter, join } from 'node:path'
import { describe, test } from 'node:test'
import { ClusterError } from '../../src/cluster/errors.ts'
import type { KubeconfigOptions } from '../../src/cluster/kubeconfig-choice.ts'
import { clusterAccess } from '../../src/cluster/kubeconfig.ts'
import { NodeTransport } from '../../src/cluster/node-transport.ts'
import { serve } from '../support/api-server.ts'
import { ManualClock } from '../support/clock.ts'
import { accessTo, kubeconfig, Scratch } from '../support/kubeconfigs.ts'

const SERVER = { server: 'https://10.0.0.1:6443' }

const refused = async (options: Partial<KubeconfigOptions>, words: RegExp): Promise<void> =>
  assert.rejects(clusterAccess({ env: {}, ...options }), (error) => {
    assert.ok(error instanceof ClusterError, String(error))
    assert.match(error.message, words)
    return true
  })

describe('which kubeconfig', () => {
  const two = (scratch: Scratch) => {
    const first = scratch.write('first', kubeconfig({ server: 'https://first' }, {}, { namespace: 'shop' }))
    const second = scratch.write('second', {
      clusters: [
        { name: 'c', cluster: { server: 'https://hidden' } },
        { name: 'd', cluster: { server: 'https://second' } },
      ],
      contexts: [{ name: 'other', context: { cluster: 'd', user: 'u' } }],
      'current-context': 'other',
    })
    return { first, second }
  }

  test('the file that is named, whatever the environment says', async () => {
    using scratch = new Scratch()
    const { first, second } = two(scratch)
    const access = await clusterAccess({ file: first, env: { KUBECONFIG: second, HOME: '/nowhere' } })
    assert.equal(access.server, 'https://first/')
    assert.equal(access.namespace, 'shop')
    assert.equal(access.place, `https://first (context "test" of ${first})`)
  })

  test('those of KUBECONFIG joined, of two equal names the first', async () => {
    using scratch = new Scratch()
    const { first, second } = two(scratch)
    const env = { KUBECONFIG: [first, join(scratch.path, 'missing'), '', second].join(delimiter) }
    assert.equal((await clusterAccess({ env })).server, 'https://first/')
    const other = await clusterAccess({ env, context: 'other' })
    assert.equal(other.server, 'https://second/')
    assert.equal(other.namespace, undefined)
    assert.match(other.place, /context "other" of .*second\)$/)
  })

  test('that of the home directory', async () => {
    using scratch = new Scratch()
    mkdirSync(join(scratch.path, '.kube'))
    scratch.write('.kube/config', kubeconfig(SERVER))
    assert.equal((await clusterAccess({ env: { HOME: scratch.path } })).server, 'https://10.0.0.1:6443/')
  })

  test('none: the service account of the pod', async () => {
    using scratch = new Scratch()
    scratch.write('token', 'pod-token\n')
    scratch.write('namespace', 'dogwatch\n')
    scratch.write('ca.crt', 'authority')
    const env = { HOME: scratch.path, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
    const access = await clusterAccess({ env, serviceAccount: scratch.path })
    assert.equal(access.server, 'https://[fd00::1]:6443/')
    assert.equal(access.namespace, 'dogwatch')
    assert.match(access.place, /\(the service account of this pod\)$/)
    const options: RequestOptions = {}
    await access.config.applyToHTTPSOptions(options)
    assert.equal(String(options.ca), 'authority')
  })

  test('plain YAML, with paths relative to the file they stand in', async () => {
    using scratch = new Scratch()
    scratch.write('ca.pem', 'authority')
    const file = scratch.write(
      'config',
      [
        'current-context: test # comment',
        'contexts: [{ name: test, context: { cluster: c, user: "2026" } }]',
        'clusters:',
        '- name: c',
        '  cluster: { server: "https://10.0.0.1", certificate-authority: ca.pem, tls-server-name: kubernetes }',
        'users: [{ name: "2026", user: { token: "true" } }]',
      ].join('\n'),
    )
    const { config } = await clusterAccess({ file, env: {} })
    const options: RequestOptions = {}
    await config.applyToHTTPSOptions(options)
    assert.equal(String(options.ca), 'authority')
    assert.equal(options.servername, 'kubernetes')
    assert.deepEqual(options.headers, { Authorization: 'Bearer true' })
  })
})

describe('what is wrong with a kubeconfig is said with its place and the way out', () => {
  test('a missing file', async () => {
    using scratch = new Scratch()
    const file = join(scratch.path, 'missing')
    await refused({ file }, /missing: no such file$/)
    await refused({ file: scratch.path }, /: this is a directory$/)
    await refused({ env: { KUBECONFIG: file } }, /^KUBECONFIG names .*missing: no such file; .* --kubeconfig FILE$/)
    await refused({ env: { HOME: scratch.path } }, /KUBECONFIG is not set, and this is no pod; .* --kubeconfig FILE$/)
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1' }
    await refused({ env, serviceAccount: scratch.path }, /token: no token: .* automountServiceAccountToken/)
  })

  const WRONG: [string, unknown, RegExp][] = [
    ['YAML', 'clusters:\n- name: c\n  token: "s3cr3t-token', /config: line 3: this is no YAML \(MISSING_CHAR\)$/],
    ['kubeconfig', 'token: s3cr3t-token', /config: this is no kubeconfig/],
    ['mapping', '[1, 2]', /this is no kubeconfig/],
    ['server', kubeconfig({ server: 'tcp://s3cr3t-token' }), /its cluster has no server of the form https/],
    ['TLS', kubeconfig({ server: 'http://s3cr3t-token@10.0.0.1' }), /http:\/\/10\.0\.0\.1 has no TLS/],
    ['current context', { ...kubeconfig(SERVER), 'current-context': '' }, /choose one with --context: test$/],
  ]
  for (const [name, content, words] of WRONG)
    test(`no ${name}`, async () => {
      using scratch = new Scratch()
      await assert.rejects(clusterAccess({ file: scratch.write('config', content), env: {} }), (error) => {
        assert.ok(error instanceof ClusterError)
        assert.match(error.message, words)
        assert.doesNotMatch(error.message, /s3cr3t/)
        return true
      })
    })

  test('names that are not there, with the nearest that is', async () => {
    using scratch = new Scratch()
    const config = kubeconfig(SERVER) as Record<string, unknown>
    const contexts = ['production', 'staging'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } }))
    const file = scratch.write('config', { ...config, contexts })
    const words = /no context "prodution" in .*config; did you mean "production"\?; there is production, staging$/
    await refused({ file, context: 'prodution' }, words)
    await refused({ file: scratch.write('b', { ...config, clusters: [] }) }, /no cluster "c"; there is none$/)
    await refused({ file: scratch.write('c', { ...config, users: [] }) }, /no user "u"; there is none$/)
    const nameless = [{ name: 'test', context: {} }]
    await refused({ file: scratch.write('d', { ...config, contexts: nameless }) }, /it names no cluster$/)
  })
})

/** What a server on this machine is sent as `authorization`. */
async function authorization(scratch: Scratch, user: Record<string, unknown>): Promise<string | undefined> {
  await using api = await serve(() => ({}))
  const access = await accessTo(scratch, { server: `http://127.0.0.1:${api.port}` }, user)
  const transport = new NodeTransport(access, { clock: new ManualClock() })
  await transport.request({ method: 'GET', path: '/' })
  transport.close()
  return api.asked[0]?.headers['authorization']
}

async function credentialFault(user: Record<string, unknown>): Promise<string> {
  using scratch = new Scratch()
  const access = await accessTo(scratch, SERVER, user)
  const transport = new NodeTransport(access, { clock: new ManualClock() })
  try {
    await transport.request({ method: 'GET', path: '/' })
  } catch (error) {
    assert.ok(error instanceof ClusterError, String(error))
    return error.message
  }
  throw new Error('there were credentials')
}

/** A credential plugin that runs this JavaScript. */
const plugin = (script: string, settings: object = {}) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', script],
    env: [{ name: 'PLUGIN_SECRET', value: 's3cr3t-of-env' }],
    ...settings,
  },
})

describe('credentials', () => {
  test('a token', async () => {
    using scratch = new Scratch()
    assert.equal(await authorization(scratch, { token: 'abc' }), 'Bearer abc')
  })

  test('a name and a password', async () => {
    using scratch = new Scratch()
    const sent = await authorization(scratch, { username: 'me', password: 'word' })
    assert.equal(sent, `Basic ${Buffer.from('me:word').toString('base64')}`)
  })

  test('a token file, relative to the kubeconfig and with its line break, before a token', async () => {
    using scratch = new Scratch()
    scratch.write('token', 'from-file\n')
    assert.equal(await authorization(scratch, { tokenFile: 'token', token: 'fixed' }), 'Bearer from-file')
  })

  test('a plugin, which is told what is wanted of it', async () => {
    using scratch = new Scratch()
    const script = `
      const { apiVersion, spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO)
      const token = [apiVersion, spec.interactive, process.env.PLUGIN_SECRET].join()
      console.log(JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token } }))`
    const sent = await authorization(scratch, plugin(script))
    assert.equal(sent, 'Bearer client.authentication.k8s.io/v1,false,s3cr3t-of-env')
  })

  test('nobody at all', async () => {
    using scratch = new Scratch()
    assert.equal(await authorization(scratch, {}), undefined)
  })
})

describe('why there are no credentials', () => {
  test('a file that is gone', async () => {
    assert.match(
      await credentialFault({ tokenFile: 'token' }),
      /^https:\/\/10\.0\.0\.1:6443 \(context .*\): user "u": .*token: no such file; log in again/,
    )
    const user = { 'client-certificate': 'me.pem', 'client-key': 'me.key' }
    assert.match(await credentialFault(user), /me\.pem: no such file/)
  })

  test('a plugin that is not installed', async () => {
    const settings = { command: 'no-such-plugin-here', installHint: 'Install it\nwith care' }
    assert.match(
      await credentialFault(plugin('', settings)),
      /credential plugin "no-such-plugin-here" is not installed: Install it with care$/,
    )
    assert.match(await credentialFault(plugin('', { command: './plug' })), /dogwatch-\w+\/plug" is not installed$/)
  })

  test('a plugin that fails, without the secrets it was given', async () => {
    const script = `console.error('\\u001b[31mno session for', process.env.PLUGIN_SECRET); process.exit(1)`
    const message = await credentialFault(plugin(script))
    assert.match(message, /failed: {2}\[31mno session for \[hidden\]$/)
  })

  test('a plugin that says nothing useful, without what it said: that is a credential', async () => {
    for (const script of [`console.log('eyJhbGciOi-token')`, `console.log('{"token":"eyJhbGciOi-token"}')`]) {
      const message = await credentialFault(plugin(script))
      assert.match(message, /printed no ExecCredential$/)
      assert.doesNotMatch(message, /eyJhbGciOi/)
    }
  })

  test('a plugin that waits for somebody', async () => {
    using scratch = new Scratch()
    const clock = new ManualClock()
    // It ends when it is let go, so that the test leaves nothing behind.
    const access = await accessTo(scratch, SERVER, plugin(`setTimeout(() => {}, 300)`))
    const transport = new NodeTransport(access, { clock, credentialsWithin: 60_000 })
    const answer = assert.rejects(transport.request({ method: 'GET', path: '/' }), /no credentials for 60 s$/)
    clock.advance(60_000)
    await answer
  })
})
