/** What kept a pod from being made. A closed list. */
export const REFUSAL_CAUSES = [
  'quota',
  'limit-range',
  'pod-security',
  'service-account',
  'webhook',
  'webhook-denied',
  'policy',
  'priority-class',
  'runtime-class',
  'forbidden',
  'invalid',
  'other',
] as const
export type RefusalCause = (typeof REFUSAL_CAUSES)[number]

type Pattern = readonly [cause: RefusalCause, message: RegExp]

// The words of the API server and its admission plugins, in Kubernetes 1.28 to 1.36; the group is who refused. All are plain
// sequences without nested repetition, so that no message makes them slow.
const PATTERNS: readonly Pattern[] = [
  ['webhook', /failed calling webhook "([^"]+)"/],
  ['webhook-denied', /admission webhook "([^"]+)" denied the request/],
  ['policy', /(?:Validating|Mutating)AdmissionPolicy '([^']+)'/],
  ['quota', /(?:exceeded|failed|status unknown for) quota: ([a-z0-9.-]+)/],
  ['quota', /insufficient quota to match these scopes()/],
  ['pod-security', /violates PodSecurity "([^"]+)"/],
  ['pod-security', /unable to validate against any security context constraint()/],
  ['service-account', /(?:error looking up )?service account ([a-z0-9.-]+\/[a-z0-9.-]+)[: ]/],
  ['service-account', /serviceaccount "([^"]+)" not found/],
  ['limit-range', /(?:maximum|minimum) \S+ usage per (?:Container|Pod|PersistentVolumeClaim)()/],
  ['limit-range', /max limit to request ratio per ()/],
  ['priority-class', /no PriorityClass with name (\S+) was found/],
  ['runtime-class', /RuntimeClass "?([a-z0-9.-]+)"? not found/],
  ['invalid', / is invalid: ()/],
  ['forbidden', / is forbidden: ()/],
]

/** Who refused, as the API server's message says: the cause, and the name of what refused (empty where it names none). */
export function refusalCause(message: string): { readonly cause: RefusalCause; readonly by: string } {
  for (const [cause, pattern] of PATTERNS) {
    const match = pattern.exec(message)
    if (match) return { cause, by: match[1] ?? '' }
  }
  return { cause: 'other', by: '' }
}

/** Nothing can be made in a namespace that is being deleted: that is no fault of what still tries. */
export const isOfTerminatingNamespace = (message: string): boolean => message.includes('because it is being terminated')
