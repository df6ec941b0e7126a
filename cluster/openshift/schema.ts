/** Fields of apps.openshift.io/v1, image.openshift.io/v1, project.openshift.io/v1, route.openshift.io/v1 and user.openshift.io/v1 of OpenShift 4, in the notation of `schema-table.ts`. */
export const OPENSHIFT = `
CustomDeploymentStrategyParams
  1 image string
  2 environment []core.EnvVar
  3 command []string
DeploymentCause
  1 type string
  2 imageTrigger DeploymentCauseImageTrigger
DeploymentCauseImageTrigger
  1 from core.ObjectReference
DeploymentCondition
  1 type string
  2 status string
  3 lastTransitionTime Time
  4 reason string
  5 message string
  6 lastUpdateTime Time
DeploymentConfig
  1 metadata meta.ObjectMeta
  2 spec DeploymentConfigSpec
  3 status DeploymentConfigStatus
DeploymentConfigSpec
  1 strategy DeploymentStrategy
  2 triggers []DeploymentTriggerPolicy
  3 replicas int32 always
  4 revisionHistoryLimit int32 pointer
  5 test bool always
  6 paused bool
  7 selector map<string>
  8 template core.PodTemplateSpec
  9 minReadySeconds int32
DeploymentConfigStatus
  1 latestVersion int64 always
  2 observedGeneration int64 always
  3 replicas int32 always
  4 updatedReplicas int32 always
  5 availableReplicas int32 always
  6 unavailableReplicas int32 always
  7 details DeploymentDetails
  8 conditions []DeploymentCondition merge=type
  9 readyReplicas int32
DeploymentDetails
  1 message string
  2 causes []DeploymentCause
DeploymentStrategy
  1 type string
  2 customParams CustomDeploymentStrategyParams
  3 recreateParams RecreateDeploymentStrategyParams
  4 rollingParams RollingDeploymentStrategyParams
  5 resources core.ResourceRequirements
  6 labels map<string>
  7 annotations map<string>
  8 activeDeadlineSeconds int64 pointer
DeploymentTriggerImageChangeParams
  1 automatic bool
  2 containerNames []string
  3 from core.ObjectReference
  4 lastTriggeredImage string
DeploymentTriggerPolicy
  1 type string
  2 imageChangeParams DeploymentTriggerImageChangeParams
ExecNewPodHook
  1 command []string
  2 env []core.EnvVar
  3 containerName string
  4 volumes []string
ImageImportSpec
  1 from core.ObjectReference
  2 to core.LocalObjectReference
  3 importPolicy TagImportPolicy
  4 includeManifest bool
  5 referencePolicy TagReferencePolicy
ImageStreamImport
  1 metadata meta.ObjectMeta
  2 spec ImageStreamImportSpec
  3 status object
ImageStreamImportSpec
  1 import bool always
  2 repository object
  3 images []ImageImportSpec
LifecycleHook
  1 failurePolicy string
  2 execNewPod ExecNewPodHook
  3 tagImages []TagImageHook
Project
  1 metadata meta.ObjectMeta
  2 spec ProjectSpec
  3 status ProjectStatus
ProjectRequest
  1 metadata meta.ObjectMeta
  2 displayName string
  3 description string
ProjectSpec
  1 finalizers []string
ProjectStatus
  1 phase string
  2 conditions []core.NamespaceCondition merge=type
RecreateDeploymentStrategyParams
  1 timeoutSeconds int64 pointer
  2 pre LifecycleHook
  3 mid LifecycleHook
  4 post LifecycleHook
RollingDeploymentStrategyParams
  1 updatePeriodSeconds int64 pointer
  2 intervalSeconds int64 pointer
  3 timeoutSeconds int64 pointer
  4 maxUnavailable IntOrString
  5 maxSurge IntOrString
  7 pre LifecycleHook
  8 post LifecycleHook
Route
  1 metadata meta.ObjectMeta
  2 spec RouteSpec
  3 status RouteStatus
RouteHTTPHeader
  1 name string
  2 action RouteHTTPHeaderActionUnion
RouteHTTPHeaderActionUnion
  1 type string
  2 set RouteSetHTTPHeader
RouteHTTPHeaderActions
  1 response []RouteHTTPHeader merge=name
  2 request []RouteHTTPHeader merge=name
RouteHTTPHeaders
  1 actions RouteHTTPHeaderActions
RouteIngress
  1 host string
  2 routerName string
  3 conditions []RouteIngressCondition merge=type
  4 wildcardPolicy string
  5 routerCanonicalHostname string
RouteIngressCondition
  1 type string
  2 status string
  3 reason string
  4 message string
  5 lastTransitionTime Time
RoutePort
  1 targetPort IntOrString
RouteSetHTTPHeader
  1 value string
RouteSpec
  1 host string
  2 path string
  3 to RouteTargetReference
  4 alternateBackends []RouteTargetReference
  5 port RoutePort
  6 tls TLSConfig
  7 wildcardPolicy string
  8 subdomain string
  9 httpHeaders RouteHTTPHeaders
RouteStatus
  1 ingress []RouteIngress
RouteTargetReference
  1 kind string
  2 name string
  3 weight int32 pointer
TagImageHook
  1 containerName string
  2 to core.ObjectReference
TLSConfig
  1 termination string
  2 certificate string
  3 key string
  4 caCertificate string
  5 destinationCACertificate string
  6 insecureEdgeTerminationPolicy string
TagImportPolicy
  1 insecure bool
  2 scheduled bool
  3 importMode string
TagReferencePolicy
  1 type string
User
  1 metadata meta.ObjectMeta
  2 fullName string
  3 identities []string
  4 groups []string
`;
