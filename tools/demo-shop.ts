import { KINDS } from '../src/cluster/kinds.ts'
import { crashing, outOfMemory } from './demo/crashes.ts'
import { imageMissing, leftovers, overQuota, unanswered, unplaceable } from './demo/faults.ts'
import { healthy } from './demo/healthy.ts'
import { RECORDED_AT, type Item } from './demo/kit.ts'
import { platform } from './demo/platform.ts'

/** A dump of a full look at a cluster of these objects, an object a line. */
export function dumpOf(items: readonly Item[]): string {
  const listed = KINDS.filter(({ optional, resource }) => !optional || resource.endsWith('metrics.k8s.io'))
  const annotations = {
    'dogwatch.io/listed': listed.map(({ resource }) => resource).join(','),
    'dogwatch.io/recorded-at': RECORDED_AT,
  }
  const lines = items.map((item) => `  ${JSON.stringify(item)}`).join(',\n')
  return `{"apiVersion":"v1","kind":"List","metadata":${JSON.stringify({ annotations })},"items":[\n${lines}\n]}\n`
}

/** The small broken shop of the picture in the README: `scan -f demo/shop.json`. */
export function demoShop(): string {
  const faults = [crashing, outOfMemory, unplaceable, leftovers, imageMissing, overQuota, unanswered]
  return dumpOf([...platform(), ...healthy(), ...faults.flatMap((make) => make())])
}
