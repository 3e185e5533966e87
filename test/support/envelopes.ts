import type { Services } from '../../src/cli/services.ts'
import { UsageError } from '../../src/cli/services.ts'
import type { Envelope, FindingView } from '../../src/sinks/envelope.ts'

type Recommendation = FindingView['recommendations'][number]

/** A finding as a scan gives it: a crash loop of Deployment shop/cart, unless told otherwise. */
export function finding(seed: Partial<FindingView> = {}): FindingView {
  return {
    id: 'crash-loop-7f3k2q9d',
    rule: { id: 'crash-loop', version: 'sha256:1f0c' },
    state: 'firing',
    severity: 'critical',
    category: 'health',
    target: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'uid-cart' },
    ...(seed.target === undefined ? { container: 'app' } : {}),
    title: 'app of Deployment shop/cart keeps crashing',
    message: 'restarted 7 times in 15 minutes; last exit code 1 (Error) after 2 s',
    managedBy: null,
    subjects: {
      count: 3,
      sample: [
        { kind: 'Pod', namespace: 'shop', name: 'cart-6d4f-x2x4z', uid: 'uid-1', resourceVersion: '41' },
        { kind: 'Pod', namespace: 'shop', name: 'cart-6d4f-8kq2p', uid: 'uid-2', resourceVersion: '42' },
      ],
    },
    evidence: [
      {
        fact: 'restartsIn',
        params: { window: '15m' },
        operator: 'greaterThanInclusive',
        expected: 3,
        actual: { atLeast: 7, atMost: Infinity },
      },
      { fact: 'memoryLimitBytes', operator: 'lessThan', expected: 2 ** 26, actual: 2 ** 25 },
    ],
    causedBy: null,
    suppressedBy: null,
    since: '2026-11-21T11:48:00Z',
    firstSeen: '2026-11-21T12:00:00Z',
    lastSeen: '2026-11-21T12:00:00Z',
    resolvedAt: null,
    firesAt: null,
    runbook: 'docs/runbooks/crash-loop.md',
    recommendations: [recommendation()],
    refused: [],
    ...seed,
  }
}

/** A recommendation that is held for want of the capability, unless told otherwise. */
export function recommendation(seed: Partial<Recommendation> = {}): Recommendation {
  return {
    id: 'rec-4k2m',
    action: 'quarantine-workload',
    object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'uid-cart' },
    parameters: {},
    tier: 'outage',
    reversible: true,
    effect: 'scales Deployment shop/cart from 3 to 0 replicas',
    decision: {
      verdict: 'hold',
      reason: 'capability-not-installed',
      gates: [
        { gate: 'fresh', answer: 'pass', detail: 'one look, taken for this' },
        { gate: 'capability', answer: 'hold', detail: 'quarantine-workload is not installed in namespace shop' },
        { gate: 'level', answer: 'ask', detail: 'L1 < outage' },
      ],
      until: null,
    },
    planHash: 'sha256:77ab',
    patch: {
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/shop/deployments/cart',
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid: 'uid-cart' }, spec: { replicas: 0 } },
    },
    ...seed,
  }
}

/** The result of a look at noon with these findings. */
export function envelopeOf(items: readonly FindingView[], seed: Partial<Envelope> = {}): Envelope {
  return {
    apiVersion: 'dogwatch.io/v1alpha1',
    cluster: 'test',
    revision: '0.0',
    generatedAt: '2026-11-21T12:00:00Z',
    complete: true,
    incomplete: [],
    scores: { health: 100, delivery: 100, storage: 100, scaling: 100, efficiency: 100 },
    unknown: [],
    next: null,
    ...seed,
    items,
  }
}

/** A broken shop with one of everything a report can show. */
export const BROKEN_SHOP: Envelope = envelopeOf(
  [
    finding({ managedBy: { tool: 'argocd', kind: 'Application', name: 'shop' } }),
    finding({
      id: 'claim-pending-2aa94fxz',
      rule: { id: 'claim-pending', version: 'sha256:aa' },
      state: 'pending',
      severity: 'high',
      category: 'storage',
      target: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: 'data',
        name: 'uploads',
        uid: 'uid-uploads',
      },
      title: 'PersistentVolumeClaim data/uploads waits for a volume',
      message: 'storage class fast-ssd does not exist; 2 pods wait for it',
      since: '2026-11-21T11:59:00Z',
      firesAt: '2026-11-21T12:04:00Z',
      subjects: {
        count: 1,
        sample: [{ kind: 'PersistentVolumeClaim', namespace: 'data', name: 'uploads', uid: 'uid-uploads' }],
      },
      evidence: [{ fact: 'storageClassExists', operator: 'equal', expected: false, actual: false }],
      recommendations: [],
    }),
    finding({
      id: 'node-unhealthy-9zz21abc',
      rule: { id: 'node-unhealthy', version: 'sha256:bb' },
      target: { apiVersion: 'v1', kind: 'Node', name: 'worker-3', uid: 'uid-node' },
      title: 'Node worker-3 is not ready',
      message: 'the kubelet has not reported for 6 minutes; 4 pods are on it',
      subjects: { count: 1, sample: [{ kind: 'Node', name: 'worker-3', uid: 'uid-node' }] },
      recommendations: [
        recommendation({
          action: 'cordon-node',
          tier: 'change',
          effect: 'marks Node worker-3 as unschedulable',
          decision: {
            verdict: 'ask',
            reason: 'level-below-tier',
            gates: [{ gate: 'level', answer: 'ask', detail: 'L1 < change' }],
            until: null,
          },
        }),
      ],
    }),
    finding({
      id: 'not-ready-1b2c3d4e',
      rule: { id: 'not-ready', version: 'sha256:cc' },
      state: 'inhibited',
      severity: 'high',
      causedBy: 'crash-loop-7f3k2q9d',
      title: 'Deployment shop/cart is not ready',
    }),
    finding({
      id: 'service-no-endpoints-5e6f7a8b',
      rule: { id: 'service-no-endpoints', version: 'sha256:dd' },
      state: 'inhibited',
      severity: 'high',
      target: { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'cart', uid: 'uid-service' },
      causedBy: 'crash-loop-7f3k2q9d',
      title: 'Service shop/cart has no endpoints',
    }),
    finding({
      id: 'no-requests-aaaa1111',
      rule: { id: 'no-requests', version: 'sha256:ee' },
      severity: 'info',
      category: 'efficiency',
      title: 'Deployment shop/cart asks for no cpu',
      recommendations: [],
    }),
    finding({
      id: 'no-requests-bbbb2222',
      rule: { id: 'no-requests', version: 'sha256:ee' },
      severity: 'info',
      category: 'efficiency',
      target: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'data', name: 'indexer', uid: 'uid-indexer' },
      title: 'Deployment data/indexer asks for no cpu',
      recommendations: [],
    }),
    finding({
      id: 'orphaned-claim-cccc3333',
      rule: { id: 'orphaned-claim', version: 'sha256:ff' },
      state: 'suppressed',
      severity: 'medium',
      target: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'data', name: 'old', uid: 'uid-old' },
      suppressedBy: { by: 'object', reason: 'kept for the audit', until: '2026-12-31T00:00:00Z' },
      title: 'PersistentVolumeClaim data/old is used by nothing',
    }),
  ],
  {
    complete: false,
    incomplete: [{ resource: 'events', reason: 'forbidden', detail: 'events is forbidden: User "me" cannot list' }],
    scores: { health: 50, delivery: 99, storage: 85, scaling: 100, efficiency: 97 },
    unknown: [
      {
        rule: 'over-provisioned',
        category: 'efficiency',
        reason: 'insufficient-data',
        detail: 'one sample of usage; 7 days are needed',
        subjects: {
          count: 6,
          sample: [{ kind: 'Deployment', namespace: 'shop', name: 'cart', uid: 'uid-cart' }],
        },
      },
      {
        rule: 'probe-failing',
        category: 'health',
        reason: 'forbidden',
        subjects: { count: 1, sample: [] },
      },
    ],
  },
)

/** A program that sees what it is told to. What is not given refuses to be asked. */
export function fakeServices(given: Partial<Services> & { readonly envelope?: Envelope } = {}): Services {
  const { envelope = BROKEN_SHOP, ...rest } = given
  const unasked = (): never => {
    throw new Error('nobody should have asked')
  }
  return {
    version: '1.2.3',
    scan: () => Promise.resolve({ envelope, looked: { objects: 41, kinds: 24 }, problems: [], hints: [] }),
    snapshot: unasked,
    rules: unasked,
    check: unasked,
    schema: unasked,
    runbook: () => Promise.resolve(undefined),
    run: unasked,
    living: unasked,
    record: unasked,
    replay: unasked,
    ...rest,
  }
}

/** A mistake of the user's, as the program reports it. */
export const usageError = (message: string): UsageError => new UsageError(message)
