/** A field of a message: its number, and what it holds. A field without a name is a message whose fields JSON writes among those around it. */
export interface MessageField {
  readonly name: string
  readonly number: number
  readonly type: string
  /** Whether it is a map of such values. */
  readonly isMap: boolean
}

/** The fields that the objects here have, as `generated.proto` of `k8s.io/api` numbers them: `field=number:type`. */
const TEXT = `
Status message=3:string reason=4:string code=6:int
Namespace metadata=1:ObjectMeta spec=2:NamespaceSpec status=3:NamespaceStatus
ObjectMeta name=1:string generateName=2:string namespace=3:string uid=5:string resourceVersion=6:string generation=7:int creationTimestamp=8:time deletionTimestamp=9:time deletionGracePeriodSeconds=10:int labels=11:map/string annotations=12:map/string ownerReferences=13:OwnerReference finalizers=14:string managedFields=17:ManagedFieldsEntry
ManagedFieldsEntry manager=1:string operation=2:string apiVersion=3:string time=4:time fieldsType=6:string fieldsV1=7:json subresource=8:string
NamespaceSpec finalizers=1:string
NamespaceStatus phase=1:string
Node metadata=1:ObjectMeta spec=2:NodeSpec status=3:NodeStatus
NodeSpec podCIDR=1:string providerID=3:string podCIDRs=7:string
NodeStatus capacity=1:map/quantity allocatable=2:map/quantity conditions=4:NodeCondition addresses=5:NodeAddress daemonEndpoints=6:NodeDaemonEndpoints nodeInfo=7:NodeSystemInfo images=8:ContainerImage
NodeCondition type=1:string status=2:string lastHeartbeatTime=3:time lastTransitionTime=4:time reason=5:string message=6:string
NodeAddress type=1:string address=2:string
NodeDaemonEndpoints kubeletEndpoint=1:DaemonEndpoint
DaemonEndpoint Port=1:int
NodeSystemInfo kernelVersion=4:string osImage=5:string containerRuntimeVersion=6:string kubeletVersion=7:string operatingSystem=9:string architecture=10:string
ContainerImage names=1:string sizeBytes=2:int
PersistentVolume metadata=1:ObjectMeta spec=2:PersistentVolumeSpec status=3:PersistentVolumeStatus
PersistentVolumeSpec capacity=1:map/quantity =2:PersistentVolumeSource accessModes=3:string claimRef=4:ObjectReference persistentVolumeReclaimPolicy=5:string storageClassName=6:string volumeMode=8:string
PersistentVolumeSource csi=22:CSIPersistentVolumeSource
CSIPersistentVolumeSource driver=1:string volumeHandle=2:string
ObjectReference kind=1:string namespace=2:string name=3:string uid=4:string apiVersion=5:string fieldPath=7:string
PersistentVolumeStatus phase=1:string
StorageClass metadata=1:ObjectMeta provisioner=2:string reclaimPolicy=4:string allowVolumeExpansion=6:bool volumeBindingMode=7:string
ValidatingWebhookConfiguration metadata=1:ObjectMeta webhooks=2:ValidatingWebhook
ValidatingWebhook name=1:string clientConfig=2:WebhookClientConfig rules=3:RuleWithOperations failurePolicy=4:string sideEffects=6:string timeoutSeconds=7:int admissionReviewVersions=8:string
WebhookClientConfig url=3:string
RuleWithOperations operations=1:string =2:Rule
Rule apiGroups=1:string apiVersions=2:string resources=3:string
MutatingWebhookConfiguration metadata=1:ObjectMeta webhooks=2:MutatingWebhook
MutatingWebhook name=1:string clientConfig=2:WebhookClientConfig rules=3:RuleWithOperations failurePolicy=4:string sideEffects=6:string timeoutSeconds=7:int admissionReviewVersions=8:string
PersistentVolumeClaim metadata=1:ObjectMeta spec=2:PersistentVolumeClaimSpec status=3:PersistentVolumeClaimStatus
PersistentVolumeClaimSpec accessModes=1:string resources=2:VolumeResourceRequirements volumeName=3:string storageClassName=5:string volumeMode=6:string
VolumeResourceRequirements requests=2:map/quantity
PersistentVolumeClaimStatus phase=1:string accessModes=2:string capacity=3:map/quantity
HorizontalPodAutoscaler metadata=1:ObjectMeta spec=2:HorizontalPodAutoscalerSpec status=3:HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerSpec scaleTargetRef=1:CrossVersionObjectReference minReplicas=2:int maxReplicas=3:int metrics=4:MetricSpec
CrossVersionObjectReference kind=1:string name=2:string apiVersion=3:string
MetricSpec type=1:string resource=4:ResourceMetricSource
ResourceMetricSource name=1:string target=2:MetricTarget
MetricTarget type=1:string averageUtilization=4:int
HorizontalPodAutoscalerStatus lastScaleTime=2:time currentReplicas=3:int desiredReplicas=4:int currentMetrics=5:MetricStatus conditions=6:HorizontalPodAutoscalerCondition
MetricStatus type=1:string resource=4:ResourceMetricStatus
ResourceMetricStatus name=1:string current=2:MetricValueStatus
MetricValueStatus averageValue=2:quantity averageUtilization=3:int
HorizontalPodAutoscalerCondition type=1:string status=2:string lastTransitionTime=3:time reason=4:string message=5:string
PodDisruptionBudget metadata=1:ObjectMeta spec=2:PodDisruptionBudgetSpec status=3:PodDisruptionBudgetStatus
PodDisruptionBudgetSpec selector=2:LabelSelector maxUnavailable=3:intOrString
LabelSelector matchLabels=1:map/string
PodDisruptionBudgetStatus observedGeneration=1:int disruptionsAllowed=3:int currentHealthy=4:int desiredHealthy=5:int expectedPods=6:int conditions=7:Condition
Condition type=1:string status=2:string lastTransitionTime=4:time reason=5:string message=6:string
Job metadata=1:ObjectMeta spec=2:JobSpec status=3:JobStatus
JobSpec parallelism=1:int completions=2:int selector=4:LabelSelector template=6:PodTemplateSpec backoffLimit=7:int ttlSecondsAfterFinished=8:int
PodTemplateSpec metadata=1:ObjectMeta spec=2:PodSpec
PodSpec volumes=1:Volume containers=2:Container restartPolicy=3:string terminationGracePeriodSeconds=4:int dnsPolicy=6:string serviceAccountName=8:string serviceAccount=9:string nodeName=10:string securityContext=14:PodSecurityContext schedulerName=19:string tolerations=22:Toleration priority=25:int enableServiceLinks=30:bool preemptionPolicy=31:string
Volume name=1:string =2:VolumeSource
VolumeSource persistentVolumeClaim=10:PersistentVolumeClaimVolumeSource projected=26:ProjectedVolumeSource
ProjectedVolumeSource sources=1:VolumeProjection defaultMode=2:int
VolumeProjection downwardAPI=2:DownwardAPIProjection configMap=3:ConfigMapProjection serviceAccountToken=4:ServiceAccountTokenProjection
ServiceAccountTokenProjection expirationSeconds=2:int path=3:string
ConfigMapProjection =1:LocalObjectReference items=2:KeyToPath
LocalObjectReference name=1:string
KeyToPath key=1:string path=2:string
DownwardAPIProjection items=1:DownwardAPIVolumeFile
DownwardAPIVolumeFile path=1:string fieldRef=2:ObjectFieldSelector
ObjectFieldSelector apiVersion=1:string fieldPath=2:string
Container name=1:string image=2:string ports=6:ContainerPort env=7:EnvVar resources=8:ResourceRequirements volumeMounts=9:VolumeMount livenessProbe=10:Probe readinessProbe=11:Probe terminationMessagePath=13:string imagePullPolicy=14:string terminationMessagePolicy=20:string
ContainerPort name=1:string containerPort=3:int protocol=4:string
EnvVar name=1:string value=2:string
ResourceRequirements limits=1:map/quantity requests=2:map/quantity
VolumeMount name=1:string readOnly=2:bool mountPath=3:string
Probe =1:ProbeHandler timeoutSeconds=3:int periodSeconds=4:int successThreshold=5:int failureThreshold=6:int
ProbeHandler httpGet=2:HTTPGetAction
HTTPGetAction path=1:string port=2:intOrString scheme=4:string
PodSecurityContext 
JobStatus conditions=1:JobCondition startTime=2:time completionTime=3:time succeeded=5:int ready=9:int
JobCondition type=1:string status=2:string lastTransitionTime=4:time reason=5:string message=6:string
CronJob metadata=1:ObjectMeta spec=2:CronJobSpec status=3:CronJobStatus
CronJobSpec schedule=1:string concurrencyPolicy=3:string suspend=4:bool jobTemplate=5:JobTemplateSpec successfulJobsHistoryLimit=6:int failedJobsHistoryLimit=7:int
JobTemplateSpec spec=2:JobSpec
CronJobStatus lastScheduleTime=4:time lastSuccessfulTime=5:time
Service metadata=1:ObjectMeta spec=2:ServiceSpec status=3:ServiceStatus
ServiceSpec ports=1:ServicePort selector=2:map/string clusterIP=3:string type=4:string sessionAffinity=7:string clusterIPs=18:string internalTrafficPolicy=22:string
ServicePort name=1:string protocol=2:string port=3:int targetPort=4:intOrString
ServiceStatus loadBalancer=1:LoadBalancerStatus
LoadBalancerStatus 
Event metadata=1:ObjectMeta involvedObject=2:ObjectReference reason=3:string message=4:string source=5:EventSource firstTimestamp=6:time lastTimestamp=7:time count=8:int type=9:string reportingComponent=14:string reportingInstance=15:string
EventSource component=1:string host=2:string
ResourceQuota metadata=1:ObjectMeta spec=2:ResourceQuotaSpec status=3:ResourceQuotaStatus
ResourceQuotaSpec hard=1:map/quantity
ResourceQuotaStatus hard=1:map/quantity used=2:map/quantity
LimitRange metadata=1:ObjectMeta spec=2:LimitRangeSpec
LimitRangeSpec limits=1:LimitRangeItem
LimitRangeItem type=1:string default=4:map/quantity defaultRequest=5:map/quantity
Pod metadata=1:ObjectMeta spec=2:PodSpec status=3:PodStatus
OwnerReference kind=1:string name=3:string uid=4:string apiVersion=5:string controller=6:bool blockOwnerDeletion=7:bool
PersistentVolumeClaimVolumeSource claimName=1:string
Toleration key=1:string operator=2:string effect=4:string tolerationSeconds=5:int
PodStatus phase=1:string conditions=2:PodCondition hostIP=5:string podIP=6:string startTime=7:time containerStatuses=8:ContainerStatus qosClass=9:string podIPs=12:PodIP hostIPs=16:HostIP observedGeneration=17:int
PodCondition type=1:string status=2:string lastProbeTime=3:time lastTransitionTime=4:time reason=5:string message=6:string observedGeneration=7:int
HostIP ip=1:string
PodIP ip=1:string
ContainerStatus name=1:string state=2:ContainerState lastState=3:ContainerState ready=4:bool restartCount=5:int image=6:string imageID=7:string containerID=8:string started=9:bool allocatedResources=10:map/quantity resources=11:ResourceRequirements
ContainerState waiting=1:ContainerStateWaiting running=2:ContainerStateRunning terminated=3:ContainerStateTerminated
ContainerStateWaiting reason=1:string message=2:string
ContainerStateRunning startedAt=1:time
ContainerStateTerminated exitCode=1:int reason=3:string startedAt=5:time finishedAt=6:time containerID=7:string
Deployment metadata=1:ObjectMeta spec=2:DeploymentSpec status=3:DeploymentStatus
DeploymentSpec replicas=1:int selector=2:LabelSelector template=3:PodTemplateSpec strategy=4:DeploymentStrategy revisionHistoryLimit=6:int progressDeadlineSeconds=9:int
DeploymentStrategy type=1:string rollingUpdate=2:RollingUpdateDeployment
RollingUpdateDeployment maxUnavailable=1:intOrString maxSurge=2:intOrString
DeploymentStatus observedGeneration=1:int replicas=2:int updatedReplicas=3:int availableReplicas=4:int unavailableReplicas=5:int conditions=6:DeploymentCondition readyReplicas=7:int
DeploymentCondition type=1:string status=2:string reason=4:string message=5:string lastUpdateTime=6:time lastTransitionTime=7:time
ReplicaSet metadata=1:ObjectMeta spec=2:ReplicaSetSpec status=3:ReplicaSetStatus
ReplicaSetSpec replicas=1:int selector=2:LabelSelector template=3:PodTemplateSpec
ReplicaSetStatus replicas=1:int fullyLabeledReplicas=2:int observedGeneration=3:int readyReplicas=4:int availableReplicas=5:int
EndpointSlice metadata=1:ObjectMeta endpoints=2:Endpoint ports=3:EndpointPort addressType=4:string
Endpoint addresses=1:string conditions=2:EndpointConditions targetRef=4:ObjectReference nodeName=6:string
EndpointConditions ready=1:bool serving=2:bool terminating=3:bool
EndpointPort name=1:string protocol=2:string port=3:int
`

const fieldOf = (text: string): MessageField => {
  const [name = '', number = '', type = ''] = text.split(/[=:]/)
  return { name, number: Number(number), type: type.replace('map/', ''), isMap: type.startsWith('map/') }
}

/** Each message, its fields in the order of their numbers. */
export const MESSAGES: ReadonlyMap<string, readonly MessageField[]> = new Map(
  TEXT.trim()
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''))
    .map(([name = '', ...fields]) => [name, fields.map(fieldOf)]),
)
