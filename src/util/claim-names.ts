interface VolumeLike {
  readonly name?: string
  readonly persistentVolumeClaim?: { readonly claimName?: string }
  readonly ephemeral?: object
}

interface PodLike {
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: { readonly volumes?: readonly VolumeLike[] }
}

/** `namespace/name`, as indexes name a namespaced object. */
export const namespacedName = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`

/** The claims that volumes name outright, as `namespace/name`. Generic ephemeral volumes are left out: theirs is named after the pod. */
export const claimNamesOfVolumes = (
  volumes: readonly VolumeLike[] | undefined,
  namespace: string | undefined,
): string[] =>
  (volumes ?? [])
    .map((volume) => volume.persistentVolumeClaim?.claimName)
    .filter((name) => name !== undefined)
    .map((name) => namespacedName(namespace, name))

/** The claims of a pod as `namespace/name`: those it names, and `POD-VOLUME` for each generic ephemeral volume. */
export function claimNamesOfPod({ metadata, spec }: PodLike): string[] {
  const ephemeral = (spec?.volumes ?? []).filter((volume) => volume.ephemeral !== undefined)
  return [
    ...claimNamesOfVolumes(spec?.volumes, metadata.namespace),
    ...ephemeral.map((volume) => namespacedName(metadata.namespace, `${metadata.name}-${volume.name ?? ''}`)),
  ]
}
