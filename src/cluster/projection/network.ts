import { at, inline, object } from './object.ts'
import { array, boolean, map, number, string, type Projected } from './shape.ts'
import { intOrString } from './values.ts'
import { labelSelector, meta } from './meta.ts'

export const service = object({
  metadata: at(1, meta),
  spec: at(
    2,
    object({
      type: at(4, string),
      clusterIP: at(3, string),
      externalName: at(10, string),
      selector: at(2, map(string)),
      publishNotReadyAddresses: at(13, boolean),
      ports: at(
        1,
        array(
          object({
            name: at(1, string),
            port: at(3, number, 'always'),
            targetPort: at(4, intOrString, 'always'),
            protocol: at(2, string),
          }),
        ),
      ),
    }),
  ),
})
export type Service = Projected<typeof service>

export const endpointSlice = object({
  metadata: at(1, meta),
  endpoints: at(
    2,
    array(
      object({
        conditions: at(
          2,
          object({
            ready: at(1, boolean, 'always'),
            serving: at(2, boolean, 'always'),
            terminating: at(3, boolean, 'always'),
          }),
        ),
        targetRef: at(
          4,
          object({ kind: at(1, string), namespace: at(2, string), name: at(3, string), uid: at(4, string) }),
        ),
      }),
    ),
  ),
})
export type EndpointSlice = Projected<typeof endpointSlice>

const rule = object(
  { operations: at(1, array(string)) },
  inline(2, {
    apiGroups: at(1, array(string)),
    apiVersions: at(2, array(string)),
    resources: at(3, array(string)),
    scope: at(4, string, 'always'),
  }),
)

const serviceReference = object({
  namespace: at(1, string, 'always'),
  name: at(2, string, 'always'),
  port: at(4, number, 'always'),
})

const webhook = object({
  name: at(1, string, 'always'),
  failurePolicy: at(4, string, 'always'),
  timeoutSeconds: at(7, number, 'always'),
  namespaceSelector: at(5, labelSelector),
  clientConfig: at(2, object({ service: at(1, serviceReference) })),
  rules: at(3, array(rule)),
})

export const webhookConfiguration = object({ metadata: at(1, meta), webhooks: at(2, array(webhook)) })
export type WebhookConfiguration = Projected<typeof webhookConfiguration>
