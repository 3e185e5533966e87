import { array, boolean, intOrString, map, number, object, string, type Projected } from './shape.ts'
import { labelSelector, meta } from './meta.ts'

export const service = object({
  metadata: meta,
  spec: object({
    type: string,
    clusterIP: string,
    externalName: string,
    selector: map(string),
    publishNotReadyAddresses: boolean,
    ports: array(object({ name: string, port: number, targetPort: intOrString, protocol: string })),
  }),
})
export type Service = Projected<typeof service>

export const endpointSlice = object({
  metadata: meta,
  endpoints: array(
    object({
      conditions: object({ ready: boolean, serving: boolean, terminating: boolean }),
      targetRef: object({ kind: string, namespace: string, name: string, uid: string }),
    }),
  ),
})
export type EndpointSlice = Projected<typeof endpointSlice>

export const webhookConfiguration = object({
  metadata: meta,
  webhooks: array(
    object({
      name: string,
      failurePolicy: string,
      timeoutSeconds: number,
      namespaceSelector: labelSelector,
      clientConfig: object({ service: object({ namespace: string, name: string, port: number }) }),
      rules: array(
        object({
          apiGroups: array(string),
          apiVersions: array(string),
          operations: array(string),
          resources: array(string),
          scope: string,
        }),
      ),
    }),
  ),
})
export type WebhookConfiguration = Projected<typeof webhookConfiguration>
