import { codeOf, foreign, messageOf } from './errors.ts'
import { TransportError, type TransportFault } from './transport.ts'

type Fault = readonly [TransportFault, string]

const UNREACHABLE = 'is it running, is the address right, and does it need a VPN?'
const UNKNOWN_CA =
  'its certificate is signed by an authority that is not known here: set certificate-authority of the cluster in the kubeconfig'
const OWN_CERTIFICATE = 'the client certificate or key in the kubeconfig is no valid PEM'

// What Node says when no answer comes, in words that name a way out.
const FAULTS: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: ['unreachable', `refused the connection: ${UNREACHABLE}`],
  ENOTFOUND: ['unreachable', 'has a name that cannot be resolved: is the address right, and does it need a VPN?'],
  EAI_AGAIN: ['unreachable', 'has a name that cannot be resolved now: is there a network?'],
  ETIMEDOUT: ['unreachable', `does not answer: ${UNREACHABLE}`],
  EHOSTUNREACH: ['unreachable', `cannot be reached: ${UNREACHABLE}`],
  ENETUNREACH: ['unreachable', `cannot be reached: ${UNREACHABLE}`],
  ECONNRESET: ['reset', 'broke the connection'],
  EPIPE: ['reset', 'broke the connection'],
  ERR_STREAM_PREMATURE_CLOSE: ['reset', 'broke the connection'],
  Z_BUF_ERROR: ['reset', 'broke the connection'],
  EPROTO: ['certificate', 'does not speak TLS the way it should: is the address https, and right?'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['certificate', 'does not speak TLS: is the address right?'],
  SELF_SIGNED_CERT_IN_CHAIN: ['certificate', UNKNOWN_CA],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['certificate', UNKNOWN_CA],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['certificate', UNKNOWN_CA],
  UNABLE_TO_GET_ISSUER_CERT: ['certificate', UNKNOWN_CA],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['certificate', UNKNOWN_CA],
  CERT_SIGNATURE_FAILURE: ['certificate', UNKNOWN_CA],
  CERT_HAS_EXPIRED: ['certificate', 'its certificate has expired: renew it, or look at the clock of this machine'],
  CERT_NOT_YET_VALID: ['certificate', 'its certificate is not valid yet: look at the clock of this machine'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'certificate',
    'its certificate is for another name: is the address right, or does the cluster need tls-server-name in the kubeconfig?',
  ],
  ERR_OSSL_UNSUPPORTED: ['certificate', OWN_CERTIFICATE],
  ERR_OSSL_PEM_NO_START_LINE: ['certificate', OWN_CERTIFICATE],
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: ['certificate', 'the client key in the kubeconfig is not that of the certificate'],
}

/** Puts a failure of the network, as Node reports it, into words. */
export function networkFault(error: unknown, place: string): TransportError {
  if (error instanceof TransportError) return error
  const code = codeOf(error) ?? ''
  const [fault, words] =
    FAULTS[code] ?? (/^ERR_(SSL|OSSL)/.test(code) ? tlsFault(error) : ['unreachable', messageOf(error)])
  return new TransportError(fault, `${place}: ${words}`)
}

// The message of OpenSSL is a line of its source code; its reason is words.
const tlsFault = (error: unknown): Fault => [
  'certificate',
  `TLS failed: ${error instanceof Error && 'reason' in error ? foreign(String(error.reason)) : messageOf(error)}`,
]
