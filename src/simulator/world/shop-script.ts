import { MINUTE, SECOND } from '../../util/time.ts'
import { crashes, finishes, imageMissing, leaks, type Behaviour } from './behaviour.ts'
import { idle } from './curve.ts'
import type { App } from './manifests.ts'
import { CART, DEPLOYMENTS, FORECAST, RATES, RECOMMENDATIONS, SEARCH } from './shop-apps.ts'
import { changeContainer, restart, setImage } from './shop-past.ts'
import type { World } from './world.ts'

/** One thing that happens in the shop, as the screen tells it. */
export interface Scene {
  /** Milliseconds after the shop opens, as its clock has them. */
  readonly after: number
  readonly says: string
  /** The rule that finds it, for what is a fault. */
  readonly rule?: string
  /** What it is about, as `kind namespace/name`. */
  readonly about: string
  readonly does: (world: World) => void
}

const key = ({ namespace, name }: App): string => `${namespace}/${name}`
const usual = (app: App): Behaviour => DEPLOYMENTS.find((one) => one.app === app)?.behaviour ?? finishes(20 * SECOND)
const TYPO = SEARCH.image.replace('2.13.4', '2.14.O')

/** How long until everything begins anew, in milliseconds. */
export const CYCLE = 120 * MINUTE
const LOST = 'worker-d'

const FAULTS: readonly Scene[] = [
  {
    after: MINUTE,
    about: `Deployment ${key(CART)}`,
    rule: 'crash-loop',
    says: 'the password of the cart’s database is changed, and nobody tells the cart: it dies right after each start',
    does: ({ behaviours }) => behaviours.set(key(CART), crashes({ after: 2 * SECOND, exitCode: 1 })),
  },
  {
    after: 2 * MINUTE,
    about: `Deployment ${key(FORECAST)}`,
    rule: 'pending-pod',
    says: 'the forecast asks for 24 GiB, more than any node has',
    does: (world) => ask(world, ['2', '24Gi']),
  },
  {
    after: 3 * MINUTE,
    about: `Deployment ${key(RECOMMENDATIONS)}`,
    rule: 'oom-kill',
    says: 'the recommendations keep what they should forget: they run into their memory limit every four minutes',
    does: ({ behaviours }) =>
      behaviours.set(key(RECOMMENDATIONS), leaks({ every: 4 * MINUTE, cores: 0.09, mebibytes: [96, 256] })),
  },
  {
    after: 8 * MINUTE,
    about: `Deployment ${key(SEARCH)}`,
    rule: 'image-pull',
    says: 'a release of the search has a letter for a digit in its tag',
    does: (world) => {
      world.behaviours.set(key(SEARCH), imageMissing(), TYPO)
      setImage(world, SEARCH, TYPO)
    },
  },
  {
    after: 13 * MINUTE,
    about: `Deployment ${key(CART)}`,
    says: 'the cart is given the new password and started again',
    does: (world) => {
      world.behaviours.set(key(CART), usual(CART))
      restart(world, CART)
    },
  },
  {
    after: 15 * MINUTE,
    about: `Node ${LOST}`,
    rule: 'node-unhealthy',
    says: `${LOST} no longer answers`,
    does: ({ nodes }) => nodes.fail(LOST),
  },
  {
    after: 18 * MINUTE,
    about: `Deployment ${key(SEARCH)}`,
    says: 'the search is rolled back',
    does: (world) => setImage(world, SEARCH, SEARCH.image),
  },
  {
    after: 27 * MINUTE,
    about: `Node ${LOST}`,
    says: `${LOST} is back`,
    does: ({ nodes }) => nodes.recover(LOST),
  },
  {
    after: 30 * MINUTE,
    about: `Deployment ${key(FORECAST)}`,
    says: 'the forecast asks for what it needs again',
    does: (world) => ask(world, FORECAST.requests),
  },
  {
    after: 31 * MINUTE,
    about: `CronJob ${key(RATES)}`,
    rule: 'cronjob-failing',
    says: 'the bank does not answer: the exchange rates cannot be had',
    does: ({ behaviours }) => behaviours.set(key(RATES), crashes({ after: 4 * SECOND, exitCode: 3 })),
  },
  {
    after: 34 * MINUTE,
    about: `Deployment ${key(RECOMMENDATIONS)}`,
    says: 'the recommendations forget again',
    does: ({ behaviours }) => behaviours.set(key(RECOMMENDATIONS), usual(RECOMMENDATIONS)),
  },
  {
    after: 49 * MINUTE,
    about: `CronJob ${key(RATES)}`,
    says: 'the bank answers again',
    does: ({ behaviours }) => behaviours.set(key(RATES), finishes(20 * SECOND, idle(0.03, 40))),
  },
]

function ask(world: World, [cpu, memory]: readonly [string, string]): void {
  const { memoryLimit = memory } = FORECAST
  const limit = memory === FORECAST.requests[1] ? memoryLimit : memory
  changeContainer(world, FORECAST, { resources: { requests: { cpu, memory }, limits: { memory: limit } } })
}

/** What is wrong from the start, and stays. */
const STANDING: readonly Scene[] = [
  {
    after: 0,
    about: 'PersistentVolumeClaim shop/uploads-2024',
    rule: 'orphaned-claim',
    says: 'the uploads of 2024 belong to a workload that is gone since 61 days',
    does: () => undefined,
  },
  {
    after: 0,
    about: 'PersistentVolumeClaim shop/data-postgres-1, data-postgres-2',
    rule: 'orphaned-claim',
    says: 'the database was made smaller 23 days ago; two of its disks are left',
    does: () => undefined,
  },
  {
    after: 0,
    about: 'Deployment shop/catalog',
    rule: 'over-provisioned',
    says: 'the catalog asks for 800m and 2 GiB and never needs a tenth of it',
    does: () => undefined,
  },
]

/** Everything that happens, in order; what comes and goes comes again every `CYCLE`. */
export const SCRIPT: readonly Scene[] = [...STANDING, ...FAULTS]
