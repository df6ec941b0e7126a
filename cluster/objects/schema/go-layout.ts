/**
 * Go structures below `v1.PodTemplateSpec` (k8s.io/api/core/v1 of Kubernetes 1.36), fields in the order of the source:
 * the hash of a pod template is one of a dump of them. `core.` are the internal types of the API server, as far as they
 * differ, which it shows when a pod's update is refused. A line without indentation starts a type; a field has its Go
 * name, its Go type and, where lower-casing the first letter does not give it, its JSON name. `inline` embeds the
 * type; `whole` hands it the object that holds the field.
 */
export const GO_LAYOUT = `
v1.PodTemplateSpec
  ObjectMeta v1.ObjectMeta metadata
  Spec v1.PodSpec
v1.ObjectMeta
  Name string
  GenerateName string
  Namespace string
  SelfLink string
  UID types.UID uid
  ResourceVersion string
  Generation int64
  CreationTimestamp v1.Time
  DeletionTimestamp *v1.Time
  DeletionGracePeriodSeconds *int64
  Labels map[string]string
  Annotations map[string]string
  OwnerReferences []v1.OwnerReference
  Finalizers []string
  ManagedFields []v1.ManagedFieldsEntry
v1.PodSpec
  Volumes []v1.Volume
  InitContainers []v1.Container
  Containers []v1.Container
  EphemeralContainers []v1.EphemeralContainer
  RestartPolicy v1.RestartPolicy
  TerminationGracePeriodSeconds *int64
  ActiveDeadlineSeconds *int64
  DNSPolicy v1.DNSPolicy dnsPolicy
  NodeSelector map[string]string
  ServiceAccountName string
  DeprecatedServiceAccount string serviceAccount
  AutomountServiceAccountToken *bool
  NodeName string
  HostNetwork bool
  HostPID bool
  HostIPC bool
  ShareProcessNamespace *bool
  SecurityContext *v1.PodSecurityContext
  ImagePullSecrets []v1.LocalObjectReference
  Hostname string
  Subdomain string
  Affinity *v1.Affinity
  SchedulerName string
  Tolerations []v1.Toleration
  HostAliases []v1.HostAlias
  PriorityClassName string
  Priority *int32
  DNSConfig *v1.PodDNSConfig dnsConfig
  ReadinessGates []v1.PodReadinessGate
  RuntimeClassName *string
  EnableServiceLinks *bool
  PreemptionPolicy *v1.PreemptionPolicy
  Overhead v1.ResourceList
  TopologySpreadConstraints []v1.TopologySpreadConstraint
  SetHostnameAsFQDN *bool
  OS *v1.PodOS os
  HostUsers *bool
  SchedulingGates []v1.PodSchedulingGate
  ResourceClaims []v1.PodResourceClaim
  Resources *v1.ResourceRequirements
  HostnameOverride *string
  SchedulingGroup *v1.PodSchedulingGroup
v1.Container
  Name string
  Image string
  Command []string
  Args []string
  WorkingDir string
  Ports []v1.ContainerPort
  EnvFrom []v1.EnvFromSource
  Env []v1.EnvVar
  Resources v1.ResourceRequirements
  ResizePolicy []v1.ContainerResizePolicy
  RestartPolicy *v1.ContainerRestartPolicy
  RestartPolicyRules []v1.ContainerRestartRule
  VolumeMounts []v1.VolumeMount
  VolumeDevices []v1.VolumeDevice
  LivenessProbe *v1.Probe
  ReadinessProbe *v1.Probe
  StartupProbe *v1.Probe
  Lifecycle *v1.Lifecycle
  TerminationMessagePath string
  TerminationMessagePolicy v1.TerminationMessagePolicy
  ImagePullPolicy v1.PullPolicy
  SecurityContext *v1.SecurityContext
  Stdin bool
  StdinOnce bool
  TTY bool tty
v1.ContainerPort
  Name string
  HostPort int32
  ContainerPort int32
  Protocol v1.Protocol
  HostIP string
v1.Probe
  ProbeHandler v1.ProbeHandler inline
  InitialDelaySeconds int32
  TimeoutSeconds int32
  PeriodSeconds int32
  SuccessThreshold int32
  FailureThreshold int32
  TerminationGracePeriodSeconds *int64
v1.ProbeHandler
  Exec *v1.ExecAction
  HTTPGet *v1.HTTPGetAction httpGet
  TCPSocket *v1.TCPSocketAction tcpSocket
  GRPC *v1.GRPCAction grpc
v1.ExecAction
  Command []string
v1.HTTPGetAction
  Path string
  Port intstr.IntOrString
  Host string
  Scheme v1.URIScheme
  HTTPHeaders []v1.HTTPHeader httpHeaders
v1.HTTPHeader
  Name string
  Value string
v1.TCPSocketAction
  Port intstr.IntOrString
  Host string
v1.GRPCAction
  Port int32
  Service *string
v1.Lifecycle
  PostStart *v1.LifecycleHandler
  PreStop *v1.LifecycleHandler
  StopSignal *v1.Signal
v1.LifecycleHandler
  Exec *v1.ExecAction
  HTTPGet *v1.HTTPGetAction httpGet
  TCPSocket *v1.TCPSocketAction tcpSocket
  Sleep *v1.SleepAction
v1.SleepAction
  Seconds int64
v1.ResourceRequirements
  Limits v1.ResourceList
  Requests v1.ResourceList
  Claims []v1.ResourceClaim
v1.ResourceClaim
  Name string
  Request string
v1.EnvVar
  Name string
  Value string
  ValueFrom *v1.EnvVarSource
v1.EnvVarSource
  FieldRef *v1.ObjectFieldSelector
  ResourceFieldRef *v1.ResourceFieldSelector
  ConfigMapKeyRef *v1.ConfigMapKeySelector
  SecretKeyRef *v1.SecretKeySelector
  FileKeyRef *v1.FileKeySelector
v1.ObjectFieldSelector
  APIVersion string apiVersion
  FieldPath string
v1.ResourceFieldSelector
  ContainerName string
  Resource string
  Divisor resource.Quantity
v1.ConfigMapKeySelector
  LocalObjectReference v1.LocalObjectReference inline
  Key string
  Optional *bool
v1.SecretKeySelector
  LocalObjectReference v1.LocalObjectReference inline
  Key string
  Optional *bool
v1.LocalObjectReference
  Name string
v1.EnvFromSource
  Prefix string
  ConfigMapRef *v1.ConfigMapEnvSource
  SecretRef *v1.SecretEnvSource
v1.ConfigMapEnvSource
  LocalObjectReference v1.LocalObjectReference inline
  Optional *bool
v1.SecretEnvSource
  LocalObjectReference v1.LocalObjectReference inline
  Optional *bool
v1.VolumeMount
  Name string
  ReadOnly bool
  RecursiveReadOnly *v1.RecursiveReadOnlyMode
  MountPath string
  SubPath string
  MountPropagation *v1.MountPropagationMode
  SubPathExpr string
v1.SecurityContext
  Capabilities *v1.Capabilities
  Privileged *bool
  SELinuxOptions *v1.SELinuxOptions seLinuxOptions
  WindowsOptions *v1.WindowsSecurityContextOptions
  RunAsUser *int64
  RunAsGroup *int64
  RunAsNonRoot *bool
  ReadOnlyRootFilesystem *bool
  AllowPrivilegeEscalation *bool
  ProcMount *v1.ProcMountType
  SeccompProfile *v1.SeccompProfile
  AppArmorProfile *v1.AppArmorProfile
v1.Capabilities
  Add []v1.Capability
  Drop []v1.Capability
v1.SELinuxOptions
  User string
  Role string
  Type string
  Level string
v1.SeccompProfile
  Type v1.SeccompProfileType
  LocalhostProfile *string
v1.AppArmorProfile
  Type v1.AppArmorProfileType
  LocalhostProfile *string
v1.PodSecurityContext
  SELinuxOptions *v1.SELinuxOptions seLinuxOptions
  WindowsOptions *v1.WindowsSecurityContextOptions
  RunAsUser *int64
  RunAsGroup *int64
  RunAsNonRoot *bool
  SupplementalGroups []int64
  SupplementalGroupsPolicy *v1.SupplementalGroupsPolicy
  FSGroup *int64 fsGroup
  Sysctls []v1.Sysctl
  FSGroupChangePolicy *v1.PodFSGroupChangePolicy fsGroupChangePolicy
  SeccompProfile *v1.SeccompProfile
  AppArmorProfile *v1.AppArmorProfile
  SELinuxChangePolicy *v1.PodSELinuxChangePolicy seLinuxChangePolicy
v1.Sysctl
  Name string
  Value string
v1.Toleration
  Key string
  Operator v1.TolerationOperator
  Value string
  Effect v1.TaintEffect
  TolerationSeconds *int64
v1.HostAlias
  IP string ip
  Hostnames []string
v1.Volume
  Name string
  VolumeSource v1.VolumeSource inline
v1.VolumeSource
  HostPath *v1.HostPathVolumeSource
  EmptyDir *v1.EmptyDirVolumeSource
  GCEPersistentDisk *v1.GCEPersistentDiskVolumeSource gcePersistentDisk
  AWSElasticBlockStore *v1.AWSElasticBlockStoreVolumeSource awsElasticBlockStore
  GitRepo *v1.GitRepoVolumeSource
  Secret *v1.SecretVolumeSource
  NFS *v1.NFSVolumeSource nfs
  ISCSI *v1.ISCSIVolumeSource iscsi
  Glusterfs *v1.GlusterfsVolumeSource
  PersistentVolumeClaim *v1.PersistentVolumeClaimVolumeSource
  RBD *v1.RBDVolumeSource rbd
  FlexVolume *v1.FlexVolumeSource
  Cinder *v1.CinderVolumeSource
  CephFS *v1.CephFSVolumeSource cephfs
  Flocker *v1.FlockerVolumeSource
  DownwardAPI *v1.DownwardAPIVolumeSource downwardAPI
  FC *v1.FCVolumeSource fc
  AzureFile *v1.AzureFileVolumeSource
  ConfigMap *v1.ConfigMapVolumeSource
  VsphereVolume *v1.VsphereVirtualDiskVolumeSource
  Quobyte *v1.QuobyteVolumeSource
  AzureDisk *v1.AzureDiskVolumeSource
  PhotonPersistentDisk *v1.PhotonPersistentDiskVolumeSource
  Projected *v1.ProjectedVolumeSource
  PortworxVolume *v1.PortworxVolumeSource
  ScaleIO *v1.ScaleIOVolumeSource scaleIO
  StorageOS *v1.StorageOSVolumeSource storageos
  CSI *v1.CSIVolumeSource csi
  Ephemeral *v1.EphemeralVolumeSource
  Image *v1.ImageVolumeSource
v1.HostPathVolumeSource
  Path string
  Type *v1.HostPathType
v1.EmptyDirVolumeSource
  Medium v1.StorageMedium
  SizeLimit *resource.Quantity
v1.SecretVolumeSource
  SecretName string
  Items []v1.KeyToPath
  DefaultMode *int32
  Optional *bool
v1.ConfigMapVolumeSource
  LocalObjectReference v1.LocalObjectReference inline
  Items []v1.KeyToPath
  DefaultMode *int32
  Optional *bool
v1.KeyToPath
  Key string
  Path string
  Mode *int32
v1.PersistentVolumeClaimVolumeSource
  ClaimName string
  ReadOnly bool
v1.DownwardAPIVolumeSource
  Items []v1.DownwardAPIVolumeFile
  DefaultMode *int32
v1.DownwardAPIVolumeFile
  Path string
  FieldRef *v1.ObjectFieldSelector
  ResourceFieldRef *v1.ResourceFieldSelector
  Mode *int32
v1.ProjectedVolumeSource
  Sources []v1.VolumeProjection
  DefaultMode *int32
v1.VolumeProjection
  Secret *v1.SecretProjection
  DownwardAPI *v1.DownwardAPIProjection downwardAPI
  ConfigMap *v1.ConfigMapProjection
  ServiceAccountToken *v1.ServiceAccountTokenProjection
  ClusterTrustBundle *v1.ClusterTrustBundleProjection
  PodCertificate *v1.PodCertificateProjection
v1.SecretProjection
  LocalObjectReference v1.LocalObjectReference inline
  Items []v1.KeyToPath
  Optional *bool
v1.ConfigMapProjection
  LocalObjectReference v1.LocalObjectReference inline
  Items []v1.KeyToPath
  Optional *bool
v1.DownwardAPIProjection
  Items []v1.DownwardAPIVolumeFile
v1.ServiceAccountTokenProjection
  Audience string
  ExpirationSeconds *int64
  Path string
core.PodSpec
  Volumes []core.Volume
  InitContainers []v1.Container
  Containers []v1.Container
  EphemeralContainers []v1.EphemeralContainer
  RestartPolicy string
  TerminationGracePeriodSeconds *int64
  ActiveDeadlineSeconds *int64
  DNSPolicy string dnsPolicy
  NodeSelector map[string]string
  ServiceAccountName string
  AutomountServiceAccountToken *bool
  NodeName string
  SecurityContext core.PodSecurityContext whole
  ImagePullSecrets []v1.LocalObjectReference
  Hostname string
  Subdomain string
  SetHostnameAsFQDN *bool
  Affinity *v1.Affinity
  SchedulerName string
  Tolerations []v1.Toleration
  HostAliases []v1.HostAlias
  PriorityClassName string
  Priority *int32
  PreemptionPolicy *string
  DNSConfig *v1.PodDNSConfig dnsConfig
  ReadinessGates []v1.PodReadinessGate
  RuntimeClassName *string
  Overhead v1.ResourceList
  EnableServiceLinks *bool
  TopologySpreadConstraints []v1.TopologySpreadConstraint
  OS *v1.PodOS os
  SchedulingGates []v1.PodSchedulingGate
  ResourceClaims []v1.PodResourceClaim
  Resources *v1.ResourceRequirements
  HostnameOverride *string
  SchedulingGroup *v1.PodSchedulingGroup
core.PodSecurityContext
  HostNetwork bool
  HostPID bool
  HostIPC bool
  ShareProcessNamespace *bool
  HostUsers *bool
  SELinuxOptions *v1.SELinuxOptions securityContext.seLinuxOptions
  WindowsOptions *v1.WindowsSecurityContextOptions securityContext.windowsOptions
  RunAsUser *int64 securityContext.runAsUser
  RunAsGroup *int64 securityContext.runAsGroup
  RunAsNonRoot *bool securityContext.runAsNonRoot
  SupplementalGroups []int64 securityContext.supplementalGroups
  SupplementalGroupsPolicy *string securityContext.supplementalGroupsPolicy
  FSGroup *int64 securityContext.fsGroup
  FSGroupChangePolicy *string securityContext.fsGroupChangePolicy
  Sysctls []v1.Sysctl securityContext.sysctls
  SeccompProfile *v1.SeccompProfile securityContext.seccompProfile
  AppArmorProfile *v1.AppArmorProfile securityContext.appArmorProfile
  SELinuxChangePolicy *string securityContext.seLinuxChangePolicy
core.Volume
  Name string
  VolumeSource core.VolumeSource inline
core.VolumeSource
  HostPath *v1.HostPathVolumeSource
  EmptyDir *v1.EmptyDirVolumeSource
  GCEPersistentDisk *v1.GCEPersistentDiskVolumeSource gcePersistentDisk
  AWSElasticBlockStore *v1.AWSElasticBlockStoreVolumeSource awsElasticBlockStore
  GitRepo *v1.GitRepoVolumeSource
  Secret *v1.SecretVolumeSource
  NFS *v1.NFSVolumeSource nfs
  ISCSI *v1.ISCSIVolumeSource iscsi
  Glusterfs *v1.GlusterfsVolumeSource
  PersistentVolumeClaim *v1.PersistentVolumeClaimVolumeSource
  RBD *v1.RBDVolumeSource rbd
  Quobyte *v1.QuobyteVolumeSource
  FlexVolume *v1.FlexVolumeSource
  Cinder *v1.CinderVolumeSource
  CephFS *v1.CephFSVolumeSource cephfs
  Flocker *v1.FlockerVolumeSource
  DownwardAPI *v1.DownwardAPIVolumeSource downwardAPI
  FC *v1.FCVolumeSource fc
  AzureFile *v1.AzureFileVolumeSource
  ConfigMap *v1.ConfigMapVolumeSource
  VsphereVolume *v1.VsphereVirtualDiskVolumeSource
  AzureDisk *v1.AzureDiskVolumeSource
  PhotonPersistentDisk *v1.PhotonPersistentDiskVolumeSource
  Projected *v1.ProjectedVolumeSource
  PortworxVolume *v1.PortworxVolumeSource
  ScaleIO *v1.ScaleIOVolumeSource scaleIO
  StorageOS *v1.StorageOSVolumeSource storageos
  CSI *v1.CSIVolumeSource csi
  Ephemeral *v1.EphemeralVolumeSource
  Image *v1.ImageVolumeSource
`;
