/** An object to be made, below a path. */
export interface Made {
  readonly path: string
  readonly body: object
}

const NOBODY = { 'dogwatch.io/test': 'nobody' }
const container = (more: object = {}) => ({ name: 'app', image: 'busybox:1.36', ...more })

/** A pod that says all that a pod can, and never runs. */
const POD = {
  schedulingGates: [{ name: 'dogwatch.io/never' }],
  nodeSelector: NOBODY,
  priorityClassName: 'system-cluster-critical',
  preemptionPolicy: 'PreemptLowerPriority',
  hostNetwork: true,
  readinessGates: [{ conditionType: 'dogwatch.io/ready' }],
  imagePullSecrets: [{ name: 'pull' }],
  resourceClaims: [{ name: 'device', resourceClaimName: 'device' }],
  tolerations: [
    { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 },
    { key: 'b', operator: 'Equal', value: '', effect: 'NoSchedule' },
  ],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: 'zone', operator: 'In', values: ['', 'b'] }],
            matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-1'] }],
          },
        ],
      },
    },
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: NOBODY }, namespaces: ['a', 'b'], topologyKey: 'zone' },
      ],
    },
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
          namespaceSelector: {},
          topologyKey: 'kubernetes.io/hostname',
        },
      ],
    },
  },
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      minDomains: 2,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: NOBODY },
      matchLabelKeys: ['pod-template-hash'],
      nodeAffinityPolicy: 'Honor',
      nodeTaintsPolicy: 'Ignore',
    },
  ],
  volumes: [
    { name: 'claim', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'conf', configMap: { name: 'conf', optional: false } },
    { name: 'key', secret: { secretName: 'key', optional: true } },
    { name: 'empty', emptyDir: {} },
    { name: 'host', hostPath: { path: '/tmp' } },
    {
      name: 'all',
      projected: {
        sources: [{ configMap: { name: 'conf', optional: true } }, { secret: { name: 'key', optional: false } }],
      },
    },
    {
      name: 'own',
      ephemeral: {
        volumeClaimTemplate: {
          spec: {
            storageClassName: '',
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
          },
        },
      },
    },
  ],
  initContainers: [
    container({ name: 'first', args: ['-Xmx1g'] }),
    container({ name: 'beside', restartPolicy: 'Always' }),
  ],
  containers: [
    container({
      imagePullPolicy: 'Never',
      command: ['sleep', 'infinity'],
      env: [
        { name: 'EMPTY', value: '' },
        { name: 'NODE_OPTIONS', value: '--max-old-space-size=100' },
      ],
      ports: [{ name: 'http', containerPort: 8080, hostPort: 8080, hostIP: '127.0.0.1', protocol: 'TCP' }],
      resources: { requests: { cpu: '100m', memory: '0' }, limits: { memory: '1Gi' } },
      livenessProbe: { httpGet: { path: '/', port: 'http', scheme: 'HTTPS' }, initialDelaySeconds: 300 },
      readinessProbe: { tcpSocket: { port: 8080 }, failureThreshold: 7, timeoutSeconds: 4 },
      startupProbe: { grpc: { port: 9000 }, periodSeconds: 33 },
    }),
    container({ name: 'second', livenessProbe: { exec: { command: ['true'] } } }),
  ],
}

const template = {
  metadata: { labels: NOBODY, annotations: { 'dogwatch.io/x': '' } },
  spec: { ...POD, hostNetwork: false },
}
const claim = (more: object = {}) => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage: '1Gi' } },
  ...more,
})
const selector = { matchLabels: NOBODY }

const webhook = (kind: string, apply: string) => ({
  path: `/apis/admissionregistration.k8s.io/v1/${apply}`,
  body: {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    webhooks: [
      {
        name: 'test.dogwatch.io',
        failurePolicy: 'Ignore',
        timeoutSeconds: 3,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        namespaceSelector: selector,
        clientConfig: { service: { namespace: 'default', name: 'nobody', port: 8443 } },
        rules: [
          {
            operations: ['CREATE'],
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
            scope: 'Namespaced',
          },
        ],
      },
    ],
  },
})

/** One object of each kind that says what the scenarios leave out: fields that are rare, and those that are there though they are 0 or empty. */
export function rareObjects(namespace: string): Made[] {
  const inNamespace = (group: string, plural: string, name: string, body: object): Made => ({
    path: `${group === '' ? '/api/v1' : `/apis/${group}`}/namespaces/${namespace}/${plural}`,
    body: { metadata: { name, labels: NOBODY, finalizers: [] }, ...body },
  })
  const named = ({ path, body }: Made): Made => ({ path, body: { metadata: { name: namespace }, ...body } })
  const ends = (body: object) => ({ spec: body })
  return [
    named(webhook('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations')),
    named(webhook('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations')),
    named({
      path: '/apis/storage.k8s.io/v1/storageclasses',
      body: {
        provisioner: 'dogwatch.io/nobody',
        reclaimPolicy: 'Retain',
        allowVolumeExpansion: false,
        volumeBindingMode: 'WaitForFirstConsumer',
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }],
      },
    }),
    named({
      path: '/api/v1/persistentvolumes',
      body: ends({
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: namespace,
        volumeMode: 'Block',
        claimRef: { namespace, name: 'nobody' },
        local: { path: '/nowhere' },
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
          },
        },
      }),
    }),
    inNamespace('', 'pods', 'all', { spec: POD }),
    inNamespace('', 'persistentvolumeclaims', 'data', {
      spec: claim({
        storageClassName: '',
        selector,
        volumeMode: 'Block',
        dataSource: { kind: 'PersistentVolumeClaim', name: 'other' },
      }),
    }),
    inNamespace('', 'services', 'outside', { spec: { type: 'ExternalName', externalName: 'example.org' } }),
    inNamespace('', 'services', 'headless', {
      spec: {
        clusterIP: 'None',
        selector: NOBODY,
        publishNotReadyAddresses: true,
        ports: [
          { name: 'a', port: 80, targetPort: 'http' },
          { name: 'b', port: 81, targetPort: 8081 },
        ],
      },
    }),
    inNamespace('apps/v1', 'deployments', 'all', {
      spec: { replicas: 0, paused: true, minReadySeconds: 5, progressDeadlineSeconds: 60, selector, template },
    }),
    inNamespace('apps/v1', 'statefulsets', 'all', {
      spec: {
        replicas: 0,
        serviceName: '',
        podManagementPolicy: 'Parallel',
        ordinals: { start: 0 },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
        volumeClaimTemplates: [{ metadata: { name: 'data', labels: NOBODY }, spec: claim() }],
        selector,
        template,
      },
    }),
    inNamespace('apps/v1', 'daemonsets', 'all', {
      spec: { updateStrategy: { type: 'OnDelete' }, selector, template },
    }),
    inNamespace('batch/v1', 'jobs', 'all', {
      spec: {
        suspend: true,
        parallelism: 0,
        completions: 3,
        backoffLimit: 0,
        activeDeadlineSeconds: 600,
        ttlSecondsAfterFinished: 0,
        template: { spec: { ...POD, initContainers: [], restartPolicy: 'Never' } },
      },
    }),
    inNamespace('batch/v1', 'cronjobs', 'all', {
      spec: {
        schedule: '0 0 1 1 *',
        timeZone: 'Etc/UTC',
        suspend: false,
        concurrencyPolicy: 'Forbid',
        startingDeadlineSeconds: 0,
        successfulJobsHistoryLimit: 0,
        failedJobsHistoryLimit: 0,
        jobTemplate: { spec: { template: { spec: { containers: [container()], restartPolicy: 'Never' } } } },
      },
    }),
    inNamespace('autoscaling/v2', 'horizontalpodautoscalers', 'all', {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'all' },
        minReplicas: 1,
        maxReplicas: 3,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
          {
            type: 'ContainerResource',
            containerResource: {
              name: 'memory',
              container: 'app',
              target: { type: 'AverageValue', averageValue: '1Gi' },
            },
          },
        ],
      },
    }),
    inNamespace('policy/v1', 'poddisruptionbudgets', 'none', {
      spec: { maxUnavailable: 0, selector, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    }),
    inNamespace('policy/v1', 'poddisruptionbudgets', 'half', { spec: { minAvailable: '50%', selector: {} } }),
    // Last, for what is made after them has to fit.
    inNamespace('', 'limitranges', 'limits', {
      spec: {
        limits: [
          { type: 'PersistentVolumeClaim', min: { storage: '1Mi' }, max: { storage: '10Gi' } },
          { type: 'Pod', maxLimitRequestRatio: { memory: '1000' } },
        ],
      },
    }),
    inNamespace('', 'resourcequotas', 'quota', { spec: { hard: { 'count/secrets': '0', 'limits.cpu': '10' } } }),
  ]
}
