/** A kind that is not part of Kubernetes itself. */
export interface CustomWorkload {
  /** `plural.group`. */
  readonly resource: string
  readonly apiVersion: string
  readonly kind: string
}

/**
 * Well-known custom kinds that hold a pod template or name a claim: they reserve claims even while none of their pods is there. Those that
 * are installed are looked at, and while one of them was not, no claim can be called unused.
 */
export const CUSTOM_WORKLOADS: readonly CustomWorkload[] = [
  { resource: 'rollouts.argoproj.io', apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' },
  { resource: 'clonesets.apps.kruise.io', apiVersion: 'apps.kruise.io/v1alpha1', kind: 'CloneSet' },
  { resource: 'daemonsets.apps.kruise.io', apiVersion: 'apps.kruise.io/v1alpha1', kind: 'DaemonSet' },
  { resource: 'statefulsets.apps.kruise.io', apiVersion: 'apps.kruise.io/v1beta1', kind: 'StatefulSet' },
  { resource: 'deploymentconfigs.apps.openshift.io', apiVersion: 'apps.openshift.io/v1', kind: 'DeploymentConfig' },
  { resource: 'services.serving.knative.dev', apiVersion: 'serving.knative.dev/v1', kind: 'Service' },
  { resource: 'virtualmachines.kubevirt.io', apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' },
  { resource: 'notebooks.kubeflow.org', apiVersion: 'kubeflow.org/v1', kind: 'Notebook' },
  {
    resource: 'replicationsources.volsync.backube',
    apiVersion: 'volsync.backube/v1alpha1',
    kind: 'ReplicationSource',
  },
]
