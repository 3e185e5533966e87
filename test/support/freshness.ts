import type { Freshness } from '../../src/cluster/freshness.ts'

/** How well a kind is watched: it is live, and nothing was heard of it yet. */
export const freshness = (resource: string, more: Partial<Freshness> = {}): Freshness => ({
  resource,
  namespace: undefined,
  state: 'live',
  detail: '',
  objects: 0,
  syncedAt: undefined,
  heardAt: undefined,
  continuousSince: undefined,
  restarts: 0,
  relists: 0,
  missed: 0,
  malformed: 0,
  ...more,
})
