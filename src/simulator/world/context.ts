import type { Behaviours } from './behaviours.ts'
import type { Engine } from './engine.ts'
import type { EventRecorder } from './events.ts'
import type { Store } from './store.ts'

/** What every part of a world works with. */
export interface Context {
  readonly engine: Engine
  readonly store: Store
  readonly events: EventRecorder
  readonly behaviours: Behaviours
}

// As Kubernetes has it: no vowels, so that no words come of it.
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** The random end of a name. */
export const nameEnd = ({ engine }: Pick<Context, 'engine'>, length = 5): string =>
  Array.from({ length }, () => LETTERS[Math.floor(engine.random() * LETTERS.length)]).join('')
