import type { Settings } from './kubeconfig-file.ts'

export interface KubeconfigOptions {
  /** `--kubeconfig`: this file and no other. */
  readonly file?: string | undefined
  /** `--context`; default the current one of the files. */
  readonly context?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where a pod finds the token of its service account. */
  readonly serviceAccount?: string
}

/** The one context that was chosen, with its cluster and user. */
export interface Chosen {
  readonly cluster: Settings
  readonly user: Settings
  readonly userName: string
  readonly namespace: string | undefined
  /** Where it is from: the context and its file, or the pod. */
  readonly from: string
}
