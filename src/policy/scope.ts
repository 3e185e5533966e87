import { matchesAnyGlob } from '../util/glob.ts'

type List = readonly string[] | null | undefined

/** Where a grant, a cap or a capability applies. What is empty or missing selects nothing. */
export interface Scope {
  readonly namespaces: List
  readonly rules: List
  readonly actions: List
}

/** What is asked about: one action for one rule in one namespace, or on a cluster-scoped object. */
export interface Question {
  readonly rule: string
  readonly action: string
  readonly namespace: string | undefined
}

const names = (list: List, name: string): boolean => (list ?? []).some((entry) => entry === '*' || entry === name)

/** Whether a list of globs selects a namespace. A cluster-scoped object is in none: only `*` alone selects it. */
export const selectsNamespace = (globs: List, namespace: string | undefined): boolean =>
  namespace === undefined ? names(globs, '*') : matchesAnyGlob(namespace, globs ?? [])

/** Whether a grant or a cap is about this: all three of its lists select it. */
export const isInScope = (scope: Scope, { rule, action, namespace }: Question): boolean =>
  selectsNamespace(scope.namespaces, namespace) && names(scope.rules, rule) && names(scope.actions, action)
