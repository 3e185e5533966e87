import { selectsNamespace } from './scope.ts'

/**
 * An installed possibility: the role and the admission policy for one action are there in these namespaces (globs; `*` for
 * all and for cluster-scoped objects). A default install has none.
 */
export interface Capability {
  readonly action: string
  readonly namespaces: readonly string[]
}

/** Whether an action is possible in a namespace at all; `undefined` stands for a cluster-scoped object. */
export const isInstalled = (
  capabilities: readonly Capability[],
  action: string,
  namespace: string | undefined,
): boolean => capabilities.some((one) => one.action === action && selectsNamespace(one.namespaces, namespace))
