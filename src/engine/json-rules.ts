// A file of its own, loaded on demand: a CommonJS package that is imported dynamically loses its names in the bundle.
export { Engine } from 'json-rules-engine'
