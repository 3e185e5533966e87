import type { Envelope, FindingView } from '../sinks/envelope.ts'
import { nearest } from '../util/text.ts'
import { UsageError } from './services.ts'
import { oneLine } from './errors.ts'
import { isVisible } from './render/words.ts'

/** What people type for kinds, as kubectl takes it. */
const SHORT: Readonly<Record<string, string>> = {
  po: 'pod',
  deploy: 'deployment',
  rs: 'replicaset',
  sts: 'statefulset',
  ds: 'daemonset',
  cj: 'cronjob',
  no: 'node',
  pvc: 'persistentvolumeclaim',
  pv: 'persistentvolume',
  hpa: 'horizontalpodautoscaler',
  pdb: 'poddisruptionbudget',
  svc: 'service',
  quota: 'resourcequota',
  ns: 'namespace',
}

/**
 * The findings that are meant by an id, by the beginning of one, or by `KIND/NAME` of what they are about.
 * @throws UsageError when there is none, or the beginning is that of several.
 */
export function select({ items }: Envelope, wanted: string): readonly FindingView[] {
  if (wanted.includes('/')) return selectObject(items, wanted)
  const exact = items.find(({ id }) => id === wanted)
  if (exact) return [exact]
  const begun = items.filter(({ id }) => id.startsWith(wanted))
  const [first, ...others] = begun
  if (first && others.length === 0) return [first]
  const word = oneLine(wanted)
  throw new UsageError(
    first === undefined
      ? `no finding is called ${word}\n${suggestion(items, wanted)}`
      : `${begun.length} findings begin with ${word}\none of: ${begun
          .slice(0, 5)
          .map(({ id }) => oneLine(id))
          .join(', ')}`,
  )
}

function suggestion(items: readonly FindingView[], wanted: string): string {
  if (items.length === 0) return 'there are no findings here'
  const ids = items.map(({ id }) => id)
  const near = nearest(wanted, ids)
  // A whole id differs by its hash alone when the cluster's name does; then the others of its rule are what is meant.
  const rule = wanted.replace(/-[^-]*$/, '')
  const alike = near === undefined ? ids.filter((id) => id.startsWith(rule)) : [near]
  const shown = alike.length > 0 ? alike : ids
  return `${alike.length > 0 ? 'near it' : 'there is'}: ${shown.slice(0, 3).map(oneLine).join(', ')}`
}

function selectObject(items: readonly FindingView[], wanted: string): readonly FindingView[] {
  const [kindWord = '', ...rest] = wanted.split('/')
  const name = rest.join('/')
  const kind = kindOf(kindWord)
  const isMeant = (object: { kind: string; name: string; namespace?: string }): boolean =>
    object.kind.toLowerCase() === kind && (object.name === name || `${object.namespace ?? ''}/${object.name}` === name)
  const about = items.filter(({ target, subjects }) => isMeant(target) || subjects.sample.some(isMeant))
  // What is explained by another one is named there.
  const roots = about.filter(isVisible)
  if (about.length > 0) return roots.length > 0 ? roots : about
  throw new UsageError(
    `no finding is about ${oneLine(wanted)}\na finding is about the root owner: the Deployment and not its pod; \`scan\` lists them`,
  )
}

function kindOf(word: string): string {
  const lower = word.toLowerCase()
  const full = Object.hasOwn(SHORT, lower) ? SHORT[lower] : undefined
  if (full !== undefined) return full
  return lower.endsWith('s') ? lower.replace(/(?<=s)es$|s$/, '') : lower
}
