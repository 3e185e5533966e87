import { serves, finishes, type Behaviour } from './behaviour.ts'
import { busy, idle } from './curve.ts'
import type { App } from './manifests.ts'
import { GRAFANA, PROMETHEUS, small, type Offer } from './platform-apps.ts'
import { SECOND } from '../../util/time.ts'

const REGISTRY = 'registry.shop.example'
const argo = (name: string): Record<string, string> => ({
  'argocd.argoproj.io/tracking-id': `shop:apps/Deployment:shop/${name}`,
})
const by = (cores: readonly [number, number], mebibytes: readonly [number, number]): Behaviour =>
  serves(busy({ cores, mebibytes }))

export const WEB: App = {
  namespace: 'shop',
  name: 'web',
  image: `${REGISTRY}/web:7.12.0`,
  replicas: 3,
  requests: ['250m', '256Mi'],
  memoryLimit: '384Mi',
  port: 8080,
  ready: '/healthz',
  annotations: argo('web'),
}

export const CART: App = {
  namespace: 'shop',
  name: 'cart',
  image: `${REGISTRY}/cart:5.1.0`,
  replicas: 2,
  requests: ['100m', '128Mi'],
  memoryLimit: '256Mi',
  port: 8080,
  ready: '/healthz',
  annotations: argo('cart'),
}

/** Asks for far more than it ever uses. */
const CATALOG: App = {
  namespace: 'shop',
  name: 'catalog',
  image: `${REGISTRY}/catalog:4.3.1`,
  replicas: 2,
  requests: ['800m', '2Gi'],
  memoryLimit: '2Gi',
  port: 8080,
  ready: '/healthz',
  annotations: argo('catalog'),
}

const CHECKOUT: App = {
  namespace: 'shop',
  name: 'checkout',
  image: `${REGISTRY}/checkout:3.7.2`,
  replicas: 2,
  requests: ['150m', '192Mi'],
  memoryLimit: '320Mi',
  port: 8080,
  ready: '/ready',
}

export const SEARCH: App = {
  namespace: 'shop',
  name: 'search',
  image: `${REGISTRY}/search:2.13.4`,
  replicas: 3,
  requests: ['150m', '256Mi'],
  memoryLimit: '512Mi',
  port: 8080,
  ready: '/healthz',
}

export const RECOMMENDATIONS: App = {
  namespace: 'shop',
  name: 'recommendations',
  image: `${REGISTRY}/recommendations:0.31.2`,
  requests: ['100m', '192Mi'],
  memoryLimit: '256Mi',
  port: 8000,
  ready: '/ready',
}

export const MAILER: App = {
  namespace: 'shop',
  name: 'mailer',
  image: `${REGISTRY}/mailer:1.9.2`,
  requests: ['20m', '64Mi'],
  memoryLimit: '128Mi',
  port: 8080,
}

const REDIS: App = {
  namespace: 'shop',
  name: 'redis',
  image: 'docker.io/library/redis:8.4.0',
  container: 'redis',
  replicas: 2,
  requests: ['100m', '128Mi'],
  memoryLimit: '256Mi',
  port: 6379,
}

export const POSTGRES: App = {
  namespace: 'shop',
  name: 'postgres',
  image: 'docker.io/library/postgres:18.1',
  container: 'postgres',
  replicas: 3,
  requests: ['500m', '1Gi'],
  memoryLimit: '2Gi',
  port: 5432,
}

export const GATEWAY: App = {
  namespace: 'payments',
  name: 'gateway',
  image: `${REGISTRY}/gateway:3.4.0`,
  replicas: 2,
  requests: ['250m', '256Mi'],
  memoryLimit: '512Mi',
  port: 8443,
  ready: '/ready',
}

export const LEDGER: App = {
  namespace: 'payments',
  name: 'ledger',
  image: `${REGISTRY}/ledger:2.8.4`,
  replicas: 2,
  requests: ['100m', '256Mi'],
  memoryLimit: '512Mi',
  port: 9090,
  ready: '/ready',
}

/** Switched off on purpose; its disk waits for it. */
export const IMPORTER: App = {
  namespace: 'analytics',
  name: 'importer',
  image: `${REGISTRY}/importer:1.2.0`,
  replicas: 0,
  requests: ['250m', '512Mi'],
  memoryLimit: '1Gi',
  claim: 'importer-cache',
}

export const FORECAST: App = {
  namespace: 'analytics',
  name: 'forecast',
  image: `${REGISTRY}/forecast:2.0.0`,
  requests: ['250m', '512Mi'],
  memoryLimit: '1Gi',
}

/** Gone since; its disk is left. */
export const UPLOADS: App = {
  namespace: 'shop',
  name: 'uploads',
  image: `${REGISTRY}/uploads:0.9.0`,
  requests: ['50m', '64Mi'],
  memoryLimit: '128Mi',
  claim: 'uploads-2024',
}

export const RATES: App = {
  namespace: 'payments',
  name: 'sync-rates',
  image: `${REGISTRY}/sync-rates:1.4.1`,
  requests: ['50m', '64Mi'],
  memoryLimit: '128Mi',
}

const SETTLEMENT: App = {
  namespace: 'payments',
  name: 'settlement',
  image: `${REGISTRY}/settlement:2.8.4`,
  requests: ['200m', '256Mi'],
  memoryLimit: '512Mi',
}

export const DEPLOYMENTS: readonly Offer[] = [
  { app: WEB, behaviour: by([0.06, 0.15], [196, 222]) },
  { app: CART, behaviour: by([0.02, 0.07], [84, 108]) },
  { app: CATALOG, behaviour: by([0.006, 0.014], [104, 121]) },
  { app: CHECKOUT, behaviour: by([0.04, 0.12], [138, 166]) },
  { app: SEARCH, behaviour: by([0.05, 0.12], [188, 219]) },
  { app: RECOMMENDATIONS, behaviour: by([0.03, 0.08], [112, 150]) },
  { app: MAILER, behaviour: small(0.002, 41) },
  { app: GATEWAY, behaviour: by([0.09, 0.19], [178, 214]) },
  { app: LEDGER, behaviour: by([0.02, 0.06], [204, 228]) },
  { app: IMPORTER, behaviour: small(0.18, 420) },
  { app: FORECAST, behaviour: by([0.17, 0.21], [430, 452]) },
  { app: GRAFANA, behaviour: small(0.011, 193) },
]

/** With the size of each disk. */
export const STATEFUL: readonly (Offer & { readonly size: string })[] = [
  { app: REDIS, size: '5Gi', behaviour: small(0.009, 74) },
  { app: POSTGRES, size: '20Gi', behaviour: by([0.22, 0.41], [812, 884]) },
  { app: PROMETHEUS, size: '50Gi', behaviour: by([0.3, 0.42], [1690, 1790]) },
]

/** With the times at which each runs. */
export const RECURRING: readonly (Offer & { readonly schedule: string })[] = [
  { app: SETTLEMENT, schedule: '15 2 * * *', behaviour: finishes(200 * SECOND, idle(0.15, 180)) },
  { app: RATES, schedule: '*/5 * * * *', behaviour: finishes(20 * SECOND, idle(0.03, 40)) },
]
