import { Engine } from 'json-rules-engine'

// A file of its own, so that it can be loaded on demand: in the bundle a CommonJS package that is itself imported so loses its names.

/** A json-rules-engine that never evaluates a path: its own way to do so runs code. */
export const createEngine = (): Engine => new Engine([], { pathResolver: noPaths })

function noPaths(): never {
  throw new TypeError('facts are read whole: there are no paths')
}
