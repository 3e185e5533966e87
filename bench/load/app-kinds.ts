import { NUMBER, uidOf, type Layout } from './layout.ts'
import { podTemplateOf, variablesOf } from './pods.ts'
import { ABSENT, stamp, stateOf, timeText, type LoadKind, type Slot } from './slot.ts'
import { ENDPOINT, SLICE } from './surroundings.ts'
import { delimited } from './binary.ts'
import type { Form, Template } from './template.ts'
import { deploymentTemplate, replicaSetTemplate } from './workloads.ts'

/** What a pod is like now, for what points to it. */
export type PodNow = (pod: number) => { readonly life: number; readonly state: number }

const CRASHED = stateOf('crashed')
const RUNNING = stateOf('running')
const CRASHES = 6
const GRACE_MS = 30_000

/** The pods. */
export const pods = (layout: Layout): LoadKind => ({
  resource: 'pods',
  apiVersion: 'v1',
  kind: 'Pod',
  count: layout.sizes.pods,
  namespaceOf: (pod) => layout.namespaceOf(layout.appOf(pod)),
  render: (slot, form) => {
    const app = layout.appOf(slot.index)
    return podTemplateOf(app, layout.hasClaim(app), slot.state)[form]({
      ...stamp(slot),
      name: layout.pod(slot.index, slot.life),
      namespace: layout.namespaceOf(app),
      uid: uidOf(NUMBER.pod, slot.index, slot.life),
      app: layout.app(app),
      hash: layout.hashOf(app, 1),
      set: layout.replicaSet(app),
      setUid: uidOf(NUMBER.replicaSet, app * 2 + 1),
      node: layout.nodeOf(slot.index),
      address: layout.addressOf(slot.index),
      restarts: slot.state === CRASHED ? CRASHES : 0,
      died: timeText(slot.since),
      deleted: timeText(slot.since + GRACE_MS),
      revision: 2,
      token: layout.tokenOf(slot.index, slot.life),
    })
  },
})

/** Templates by size, claim and health, made when first asked for. */
function cached(make: (variables: number, claim: boolean, broken: boolean) => Template) {
  const made = new Map<string, Template>()
  return (variables: number, claim: boolean, broken = false): Template => {
    const key = `${variables} ${claim} ${broken}`
    const template = made.get(key) ?? make(variables, claim, broken)
    made.set(key, template)
    return template
  }
}
const deploymentOf = cached(deploymentTemplate)
const replicaSetOf = cached(replicaSetTemplate)

export const deployments = (layout: Layout): LoadKind => ({
  resource: 'deployments.apps',
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  count: layout.apps,
  namespaceOf: (app) => layout.namespaceOf(app),
  render: (slot, form) => {
    const { index: app } = slot
    return deploymentOf(variablesOf(app), layout.hasClaim(app), layout.isBroken(app))[form]({
      ...stamp(slot),
      name: layout.app(app),
      app: layout.app(app),
      namespace: layout.namespaceOf(app),
      uid: uidOf(NUMBER.deployment, app),
      replicas: layout.sizes.podsEach,
      revision: 2,
    })
  },
})

/** Two of each app: what was before, at 0, and what runs. */
export const replicaSets = (layout: Layout): LoadKind => ({
  resource: 'replicasets.apps',
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  count: layout.apps * 2,
  namespaceOf: (index) => layout.namespaceOf(index >> 1),
  render: (slot, form) => {
    const app = slot.index >> 1
    const current = slot.index & 1
    const replicas = current * layout.sizes.podsEach
    return replicaSetOf(variablesOf(app), layout.hasClaim(app))[form]({
      ...stamp(slot),
      name: layout.replicaSet(app, current),
      app: layout.app(app),
      hash: layout.hashOf(app, current),
      namespace: layout.namespaceOf(app),
      uid: uidOf(NUMBER.replicaSet, slot.index),
      owner: uidOf(NUMBER.deployment, app),
      revision: current + 1,
      revisionText: `"${current + 1}"`,
      replicas,
      ready: layout.isBroken(app) ? 0 : replicas,
    })
  },
})

/** Every second app has a Service. */
export const EACH_SERVICE = 2

/** The number of the endpoints of a slice. */
const ENDPOINTS = 2
const listOf = (items: readonly string[], form: Form): string =>
  form === 'text' ? `[${items.join(',')}]` : items.map((item) => delimited(ENDPOINTS, item)).join('')

/** The endpoints of a Service: the pods of its app as they are now. */
export function endpointSlices(layout: Layout, podNow: PodNow): LoadKind {
  const { podsEach } = layout.sizes
  const endpoint = (pod: number, app: number, form: Form): string => {
    const { life, state } = podNow(pod)
    if (state === ABSENT) return ''
    return ENDPOINT[form]({
      address: layout.addressOf(pod),
      ready: state === RUNNING,
      node: layout.nodeOf(pod),
      namespace: layout.namespaceOf(app),
      pod: layout.pod(pod, life),
      uid: uidOf(NUMBER.pod, pod, life),
    })
  }
  return {
    resource: 'endpointslices.discovery.k8s.io',
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    count: Math.floor(layout.apps / EACH_SERVICE),
    namespaceOf: (index) => layout.namespaceOf(index * EACH_SERVICE),
    render: (slot: Slot, form: Form) => {
      const app = slot.index * EACH_SERVICE
      const endpoints = Array.from({ length: podsEach }, (_, at) => endpoint(app * podsEach + at, app, form))
      return SLICE[form]({
        ...stamp(slot),
        name: `${layout.app(app)}-slice`,
        service: layout.app(app),
        namespace: layout.namespaceOf(app),
        uid: uidOf(NUMBER.other, slot.index),
        owner: uidOf(NUMBER.service, slot.index),
        endpoints: listOf(
          endpoints.filter((one) => one !== ''),
          form,
        ),
      })
    },
  }
}
