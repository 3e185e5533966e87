import { unheard, type Freshness } from '../../src/cluster/freshness.ts'

/** How well a kind is watched: it is live, and nothing was heard of it yet. */
export const freshness = (resource: string, more: Partial<Freshness> = {}): Freshness => ({
  ...unheard(resource, 'live', ''),
  ...more,
})
