import type { Context } from './context.ts'
import type { KubeObject, Pod } from './objects.ts'
import { deletePod } from './pods.ts'

/** Takes away what an object that is gone was the only owner of. */
export function collectGarbage({ engine, store, ...rest }: Context): void {
  const context = { engine, store, ...rest }
  const sweep = (uid: string): void => {
    for (const object of store.dependents(uid)) {
      const owners = object.metadata.ownerReferences ?? []
      if (owners.some((owner) => store.hasUid(owner.uid))) continue
      if (object.kind === 'Pod') deletePod(context, object as Pod)
      else store.remove(object)
    }
  }
  const gone = (object: KubeObject): void => {
    engine.after(100, () => sweep(object.metadata.uid ?? ''))
  }
  store.on(
    ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'Service'],
    ({ before, after }) => after === undefined && before && gone(before),
  )
}
