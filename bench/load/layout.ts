/** How large the cluster is. */
export interface Sizes {
  readonly pods: number
  readonly nodes: number
  readonly namespaces: number
  /** Pods of one Deployment. */
  readonly podsEach: number
  /** Deployments that are broken from the start: none of their pods finds its image. */
  readonly broken: number
  /** Whether there is nothing but pods and namespaces: for comparison with what reads pods alone. */
  readonly podsOnly: boolean
}

export const SIZES: Sizes = { pods: 100_000, nodes: 5_000, namespaces: 200, podsEach: 10, broken: 0, podsOnly: false }

const HEX = 16
const ALPHABET = 36
const SPREAD = 7919

const hex = (value: number, length: number): string => value.toString(HEX).padStart(length, '0')

/** A uid that says which kind, which one and which life of it. */
export const uidOf = (kind: number, index: number, life = 0): string =>
  `${hex(kind, 8)}-${hex(life % 0xffff, 4)}-4000-a000-${hex(index, 12)}`

/** The number that each kind has in its uids. */
export const NUMBER = {
  namespace: 1,
  node: 2,
  pod: 3,
  deployment: 4,
  replicaSet: 5,
  claim: 6,
  volume: 7,
  service: 8,
  daemonSet: 9,
  other: 10,
} as const

/** What belongs to what, by arithmetic: nothing has to be kept for it. */
export class Layout {
  readonly sizes: Sizes
  readonly apps: number

  constructor(sizes: Sizes) {
    this.sizes = sizes
    this.apps = Math.ceil(sizes.pods / sizes.podsEach)
  }

  appOf(pod: number): number {
    return Math.floor(pod / this.sizes.podsEach)
  }

  namespaceOf(app: number): string {
    return `team-${app % this.sizes.namespaces}`
  }

  nodeOf(pod: number): string {
    return `node-${(pod * SPREAD) % this.sizes.nodes}`
  }

  isBroken(app: number): boolean {
    return app < this.sizes.broken
  }

  /** Whether its pods share a claim. */
  hasClaim(app: number): boolean {
    return app % 20 === 0
  }

  app(app: number): string {
    return `app-${app}`
  }

  hashOf(app: number, revision: number): string {
    return ((app * 31 + revision) * SPREAD + 1_000_000).toString(ALPHABET).slice(-6)
  }

  replicaSet(app: number, revision = 1): string {
    return `${this.app(app)}-${this.hashOf(app, revision)}`
  }

  pod(pod: number, life: number): string {
    const last = (pod % this.sizes.podsEach).toString(ALPHABET).padStart(2, '0')
    return `${this.replicaSet(this.appOf(pod))}-${last}${life.toString(ALPHABET).padStart(3, '0')}`
  }

  /** What the volume of a pod's token is called by. */
  tokenOf(pod: number, life: number): string {
    return (pod * SPREAD + life).toString(ALPHABET).slice(-5).padStart(5, '0')
  }

  addressOf(pod: number): string {
    return `10.${(pod >> 16) & 255}.${(pod >> 8) & 255}.${pod & 255}`
  }
}
