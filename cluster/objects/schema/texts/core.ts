/** What is said of the types and fields of core/v1, in the notation of `field-texts.ts`. */
export const CORE_TEXTS = `
Affinity Rules by which the scheduler prefers or demands nodes, and the neighbourhood of other pods.
  nodeAffinity Rules about the labels of nodes.
  podAffinity Rules that draw a pod to where certain others run.
  podAntiAffinity Rules that keep a pod away from where certain others run.
Capabilities Rights of the Linux kernel that a container gets or loses.
  add Capabilities to give, as NET_ADMIN.
  drop Capabilities to take away, or ALL.
ConfigMap Settings, as keys and values, that pods read as environment variables or files.
  binaryData Values that are not UTF-8 text, in base64. A key stands in data or here, not in both.
  data Values that are UTF-8 text, by key. Keys consist of letters, digits, "-", "_" and ".".
  immutable If true, the values cannot be changed any more; only the whole object can be deleted.
ConfigMapEnvSource A ConfigMap whose keys become environment variables.
  name Name of the ConfigMap, in the namespace of the pod.
  optional If true, the container starts even if the ConfigMap does not exist.
ConfigMapKeySelector One key of a ConfigMap.
  key! The key to read.
  name Name of the ConfigMap, in the namespace of the pod.
  optional If true, the container starts even if the ConfigMap or the key does not exist.
ConfigMapVolumeSource A ConfigMap whose keys become files.
  defaultMode Permission bits of the files, from 0 to 0777. Default 0644.
  items Only these keys, each with the path of its file. By default every key becomes a file of its name.
  name Name of the ConfigMap, in the namespace of the pod.
  optional If true, the pod starts even if the ConfigMap does not exist.
Container One program that runs in a pod, from an image.
  args Arguments for the entry point; in place of the image's CMD. $(NAME) is replaced by the variable NAME.
  command The entry point, not run in a shell; in place of the image's ENTRYPOINT. $(NAME) is replaced by the variable NAME.
  env Environment variables. Cannot be changed while the pod lives.
  envFrom ConfigMaps and Secrets whose keys all become variables. What env says of the same name wins.
  image The image to run, as nginx:1.27 or registry.example.com/shop/web@sha256:…
  imagePullPolicy(Always|IfNotPresent|Never) When the image is pulled. Default Always for the tag latest or none, IfNotPresent otherwise.
  lifecycle What to do right after the container starts and before it is stopped.
  livenessProbe Asked again and again while the container runs. When it fails, the container is restarted.
  name! Name of the container, a DNS label, different from all others of the pod. Cannot be changed.
  ports Ports that the container listens on. They inform: a port that is not listed can be reached as well.
  readinessProbe Asked again and again. While it fails, the pod gets no requests from its Services.
  resizePolicy What happens to the container when its resources are changed in place.
  resources CPU, memory and others: what the container needs, and what it may use at most.
  restartPolicy Only for init containers, where Always makes a sidecar that keeps running beside the others.
  securityContext Rights of this container. They win over those of the pod.
  startupProbe Asked first. The other probes wait until it has succeeded; when it fails too often, the container is restarted.
  stdin If true, standard input stays open, for kubectl attach and run -i.
  stdinOnce If true, standard input closes once the first attached client has gone.
  terminationMessagePath File in the container whose text becomes the message of its end. Default /dev/termination-log.
  terminationMessagePolicy(FallbackToLogsOnError|File) Whether the end of the log stands in when that file is empty after a failure.
  tty If true, the container gets a terminal; needs stdin.
  volumeDevices Block devices that the container sees.
  volumeMounts Where in the file system of the container the pod's volumes appear.
  workingDir Folder in which the entry point starts. Default: the image's.
ContainerPort A port that a container listens on.
  containerPort! Number of the port on the address of the pod, 1 to 65535.
  hostIP Address of the node to which hostPort is bound.
  hostPort Port of the node that leads here. Seldom needed; a Service does it better.
  name Name of the port, which Services can refer to; unique in the pod.
  protocol(SCTP|TCP|UDP) Default TCP.
ContainerState How a container is just now: one of the three is set. Default waiting.
  running It runs.
  terminated It ran and has ended.
  waiting It does not run yet, and why.
ContainerStateRunning A container that runs.
  startedAt When it was started.
ContainerStateTerminated A container that has ended.
  containerID Its id, as TYPE://ID.
  exitCode! What its program ended with; 0 is success, 128 + N the signal N.
  finishedAt When it ended.
  message A text about its end.
  reason A word for its end, as Completed, Error or OOMKilled.
  signal Signal that ended it.
  startedAt When it was started.
ContainerStateWaiting A container that does not run yet.
  message A text about why.
  reason A word for why, as ContainerCreating, ImagePullBackOff or CrashLoopBackOff.
ContainerStatus How one container of a pod is, as the node saw it last.
  containerID Its id, as TYPE://ID.
  image! The image that it runs.
  imageID! Digest of that image.
  lastState How it ended the last time, if it was restarted.
  name! Name of the container.
  ready! Whether its readiness probe succeeds; true without a probe once it runs.
  restartCount! How often it has been restarted.
  started Whether it has started and its startup probe has succeeded.
  state How it is now.
EmptyDirVolumeSource An empty folder that is made with the pod and goes with it.
  medium Where it is kept: empty for the node's disk, Memory for RAM.
  sizeLimit How large it may grow.
EndpointSubset Addresses that share the same ports.
  addresses Those that are ready for requests.
  notReadyAddresses Those that are not ready.
  ports Ports of all these addresses.
Endpoints The addresses behind a Service of the same name. EndpointSlices have taken over; these are kept in step with them.
  subsets Addresses with their ports.
EnvFromSource A ConfigMap or a Secret whose keys all become environment variables.
  configMapRef The ConfigMap.
  prefix Text in front of each name.
  secretRef The Secret.
EnvVar One environment variable.
  name! Name of the variable.
  value Its value. $(NAME) is replaced by a variable that stands before it; $$ is a plain $. Default empty.
  valueFrom Where its value comes from. Not together with value.
EnvVarSource Where the value of a variable comes from; exactly one is set.
  configMapKeyRef A key of a ConfigMap.
  fieldRef A field of the pod itself, as metadata.name, spec.nodeName or status.podIP.
  resourceFieldRef A limit or request of a container, as limits.cpu.
  secretKeyRef A key of a Secret.
EphemeralContainer A container that is added to a running pod to look into it, as kubectl debug does. It is never restarted.
  command The entry point, not run in a shell; in place of the image's ENTRYPOINT.
  image The image to run.
  name! Name of the container, different from all others of the pod.
  stdin If true, standard input stays open.
  targetContainerName Container whose processes this one sees.
  tty If true, the container gets a terminal.
Event Something that happened to an object. Events are deleted after an hour.
  count How often it has happened.
  firstTimestamp When it happened first.
  involvedObject! The object that it is about.
  lastTimestamp When it happened last.
  message What happened, in words.
  reason What happened, in one word for programs.
  reportingComponent What reports it, as a controller's name.
  source What reports it, and from which node.
  type Normal or Warning.
ExecAction A command that runs in the container; exit code 0 is success.
  command Program and arguments; not run in a shell.
GRPCAction A question to a gRPC health service.
  port! Port of the service, 1 to 65535.
  service Name that is asked for. Default empty.
HTTPGetAction An HTTP GET; an answer from 200 to 399 is success.
  host Host to connect to. Default the pod's own address.
  httpHeaders Headers to send.
  path Path to ask for. Default /.
  port! Number or name of the container's port.
  scheme(HTTP|HTTPS) Default HTTP.
HTTPHeader A header of a request.
  name! Its name.
  value! Its value.
HostAlias A line for the /etc/hosts of a pod.
  hostnames Names for the address.
  ip! The address.
HostPathVolumeSource A file or folder of the node.
  path! Path on the node.
  type What must be there, as Directory or FileOrCreate. Default empty: it is not looked at.
KeyToPath A key and the file that it becomes.
  key! The key.
  mode Permission bits of the file, from 0 to 0777.
  path! Path of the file below the mount; without "..".
Lifecycle What is done at the start and before the end of a container.
  postStart Done right after the container has started. If it fails, the container is restarted.
  preStop Done before the container is told to stop, within the grace period.
LifecycleHandler One thing to do.
  exec A command in the container.
  httpGet An HTTP request.
  sleep A pause.
  tcpSocket Does nothing; kept for older objects.
LimitRange Least, most and default resources for the pods and containers of a namespace.
LimitRangeItem Bounds for one type of thing.
  default Limits for containers that name none.
  defaultRequest Requests for containers that name none.
  max Most that may be asked for.
  maxLimitRequestRatio How many times its request a limit may be.
  min Least that may be asked for.
  type! What it bounds: Container, Pod or PersistentVolumeClaim.
LimitRangeSpec The bounds of a LimitRange.
  limits! One entry for each type.
LoadBalancerIngress A way in through a load balancer.
  hostname Its name, where it has one.
  ip Its address, where it has one.
LoadBalancerStatus The ways in through a load balancer.
  ingress Addresses or names.
LocalObjectReference The name of an object in the same namespace.
  name Its name.
Namespace A room for objects: names are unique within it, and rights, quotas and policies can be given for it.
NamespaceSpec What a namespace waits for.
  finalizers Who has to agree before the namespace is gone.
NamespaceStatus How a namespace is.
  conditions Steps of its deletion.
  phase(Active|Terminating) Active, or Terminating while its objects are deleted.
Node A machine of the cluster, on which pods run.
NodeSpec What is wanted of a node.
  podCIDR Addresses that its pods get.
  podCIDRs The same, for each family of addresses.
  providerID Its name at the provider of the machine.
  taints What keeps pods away that do not tolerate it.
  unschedulable If true, no new pods come here; kubectl cordon sets it.
NodeStatus How a node is.
  addresses Its addresses and names.
  allocatable Resources that pods can have.
  capacity Resources of the machine.
  conditions Whether it is ready, and whether memory, disk or process numbers run short.
  images Images on the node.
  nodeInfo Its kernel, its runtime and their versions.
ObjectFieldSelector A field of the pod.
  fieldPath! Path of the field, as metadata.labels['app'].
ObjectReference Which object is meant.
  kind Its kind.
  name Its name.
  namespace Its namespace.
  uid Its uid.
PersistentVolume Storage of the cluster, which outlives the pods that use it.
PersistentVolumeClaim A wish for storage, which a PersistentVolume fulfils; pods name the claim.
PersistentVolumeClaimSpec The storage that is wished for.
  accessModes How it may be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.
  resources How large it has to be: requests.storage.
  selector Labels of the volumes that come into question.
  storageClassName The StorageClass that makes the volume. Default the cluster's default class; empty for none.
  volumeMode Filesystem or Block. Default Filesystem.
  volumeName The volume that the claim is bound to.
PersistentVolumeClaimStatus How a claim is.
  accessModes How the bound volume may be mounted.
  capacity How large the bound volume is.
  phase(Bound|Lost|Pending) Pending until a volume is bound, then Bound; Lost when the volume is gone.
PersistentVolumeClaimVolumeSource A claim whose volume is mounted.
  claimName! Name of the claim, in the namespace of the pod.
  readOnly If true, every mount is read-only.
PersistentVolumeSpec A piece of storage.
  accessModes How it may be mounted.
  capacity How large it is.
  claimRef The claim that it is bound to.
  hostPath A folder of the node; for tests on one node.
  nodeAffinity Nodes from which it can be reached.
  persistentVolumeReclaimPolicy(Delete|Recycle|Retain) What happens to it once its claim is gone.
  storageClassName The StorageClass that it belongs to.
  volumeMode Filesystem or Block.
Pod One or more containers that run together on one node and share an address. Mostly made by a controller, as a Deployment.
PodCondition One aspect of how a pod is.
  lastTransitionTime When the status changed last.
  message Why, in words.
  reason Why, in one word.
  status! True, False or Unknown.
  type! PodScheduled, Initialized, ContainersReady, Ready and others.
PodSecurityContext Rights that all containers of a pod have; those of a container win.
  fsGroup Group that owns the files of the pod's volumes.
  runAsGroup Group id that the programs run with.
  runAsNonRoot If true, a container that would run as root does not start.
  runAsUser User id that the programs run with. Default: the image's.
  seccompProfile Which system calls are allowed.
  supplementalGroups Further groups of the programs.
  sysctls Settings of the kernel for this pod.
PodSpec What a pod consists of, and where and how it runs.
  activeDeadlineSeconds Seconds after which the pod is ended and marked as failed.
  affinity Rules about nodes and neighbours for the scheduler.
  automountServiceAccountToken If false, containers get no token for the API.
  containers! The containers; at least one. None can be added or removed once the pod exists.
  dnsConfig Name servers, search domains and options for the pod.
  dnsPolicy(ClusterFirst|ClusterFirstWithHostNet|Default|None) How names are resolved. Default ClusterFirst: by the cluster.
  enableServiceLinks If true, each Service of the namespace appears as environment variables. Default true.
  ephemeralContainers Containers that were added to look into the running pod; kubectl debug adds them.
  hostAliases Lines for /etc/hosts.
  hostIPC If true, the pod shares the node's IPC namespace.
  hostNetwork If true, the pod uses the network of the node.
  hostPID If true, the pod sees the processes of the node.
  hostname Host name of the pod. Default its name.
  imagePullSecrets Secrets with passwords for registries.
  initContainers Containers that run before the others, one after the other; each must succeed.
  nodeName The node that the pod runs on; the scheduler sets it.
  nodeSelector Labels that the node must have.
  os The operating system that the containers need.
  preemptionPolicy Whether pods of lower priority may be ended to make room.
  priority The number behind priorityClassName.
  priorityClassName How important the pod is: name of a PriorityClass.
  readinessGates Further conditions that must be True before the pod is ready.
  restartPolicy(Always|Never|OnFailure) When containers that have ended are started again. Default Always.
  runtimeClassName Which runtime runs the pod.
  schedulerName Which scheduler finds its node.
  securityContext Rights of all its containers.
  serviceAccount The former name of serviceAccountName.
  serviceAccountName The account as which the pod acts towards the API, and its identity in the mesh. Default: default.
  shareProcessNamespace If true, the containers see each other's processes.
  subdomain Gives the pod the name HOSTNAME.SUBDOMAIN.NAMESPACE.svc.DOMAIN; needs a headless Service of that name.
  terminationGracePeriodSeconds Seconds between the polite and the forced end. Default 30; 0 is at once.
  tolerations Taints of nodes that the pod puts up with.
  topologySpreadConstraints How evenly pods are spread over nodes or zones.
  volumes Volumes that containers can mount.
PodStatus How a pod is, as its node saw it last.
  conditions Scheduled, initialized, ready, and since when.
  containerStatuses How each container is.
  ephemeralContainerStatuses How each ephemeral container is.
  hostIP Address of the node.
  initContainerStatuses How each init container is.
  message Why the pod is as it is, in words.
  phase(Failed|Pending|Running|Succeeded|Unknown) Where it is in its life: Pending, Running, Succeeded, Failed or Unknown.
  podIP Address of the pod.
  podIPs Addresses of the pod, one for each family.
  qosClass(BestEffort|Burstable|Guaranteed) Which pods are evicted first when the node runs short; follows from requests and limits.
  reason Why the pod is as it is, in one word, as Evicted.
  startTime When the node took it on.
PodTemplateSpec The pods that a controller makes.
Probe How a container is asked whether it is well.
  exec Runs a command in the container.
  failureThreshold How many failures in a row count as failed. Default 3.
  grpc Asks a gRPC health service.
  httpGet Sends an HTTP request.
  initialDelaySeconds Seconds between the start of the container and the first question. Default 0.
  periodSeconds Seconds between questions. Default 10.
  successThreshold How many successes in a row count as well again. Default 1.
  tcpSocket Opens a TCP connection.
  terminationGracePeriodSeconds Seconds that the container has to end once the probe has failed.
  timeoutSeconds Seconds to wait for an answer. Default 1.
ProjectedVolumeSource Several sources in one folder.
  defaultMode Permission bits of the files.
  sources The sources.
ReplicationController Keeps a number of equal pods running; the forerunner of ReplicaSet.
ReplicationControllerSpec How many pods, and which.
  minReadySeconds Seconds that a pod has to be ready before it counts as available.
  replicas How many pods. Default 1.
  selector Labels of the pods that count. Default the labels of the template.
  template The pods to make.
ResourceFieldSelector A limit or request of a container.
  containerName The container.
  divisor Unit of the result. Default 1.
  resource! Which one, as limits.memory.
ResourceQuota Bounds for what all objects of a namespace use together.
ResourceQuotaSpec The bounds of a quota.
  hard Most of each resource, as pods, requests.cpu or count/secrets.
  scopeSelector Which objects count, by scope and value.
  scopes Which objects count, as BestEffort.
ResourceQuotaStatus The bounds, and what is used.
  hard Most of each resource.
  used What is used of each.
ResourceRequirements What a container needs, and what it may use at most.
  claims Names of resource claims of the pod that the container uses.
  limits Most that it may use, as cpu: 500m or memory: 128Mi. With more memory it is killed.
  requests What is set aside for it; the scheduler looks for a node that has it free. Default the limits.
Secret Confidential data: passwords, tokens, keys. Values are encoded in base64, which hides nothing.
  data Values in base64, by key.
  immutable If true, the values cannot be changed any more; only the whole object can be deleted.
  stringData Values as plain text, for writing alone: they are encoded and stored in data.
  type What it is for, as kubernetes.io/tls. Default Opaque.
SecretEnvSource A Secret whose keys become environment variables.
  name Name of the Secret, in the namespace of the pod.
  optional If true, the container starts even if the Secret does not exist.
SecretKeySelector One key of a Secret.
  key! The key to read.
  name Name of the Secret, in the namespace of the pod.
  optional If true, the container starts even if the Secret or the key does not exist.
SecretVolumeSource A Secret whose keys become files.
  defaultMode Permission bits of the files, from 0 to 0777. Default 0644.
  items Only these keys, each with the path of its file. By default every key becomes a file of its name.
  optional If true, the pod starts even if the Secret does not exist.
  secretName Name of the Secret, in the namespace of the pod.
SecurityContext Rights of one container.
  allowPrivilegeEscalation Whether a program may gain more rights than the one that started it.
  capabilities Rights of the Linux kernel to add or drop.
  privileged If true, the container can do what root on the node can.
  readOnlyRootFilesystem If true, only volumes can be written to.
  runAsGroup Group id that the program runs with.
  runAsNonRoot If true, the container does not start as root.
  runAsUser User id that the program runs with. Default: the image's.
  seccompProfile Which system calls are allowed.
Service A name and an address that last, in front of pods that come and go.
ServiceAccount An account for programs: what runs in pods acts as one.
  automountServiceAccountToken If false, pods of this account get no token for the API, unless they ask for one.
  imagePullSecrets Secrets with passwords for registries, for all pods of this account.
  secrets Secrets that pods of this account may use.
ServicePort One port of a Service.
  appProtocol What is spoken on it, as http or https; a hint for meshes and gateways.
  name Name of the port; needed where there are several. In a mesh its beginning names the protocol, as http-web.
  nodePort Port of each node that leads here, for the types NodePort and LoadBalancer. Default: one that is free.
  port! Port of the Service.
  protocol(SCTP|TCP|UDP) Default TCP.
  targetPort Number or name of the port on the pods. Default the same as port.
ServiceSpec Which pods stand behind a Service, and how they are reached.
  allocateLoadBalancerNodePorts If false, a LoadBalancer gets no node ports.
  clusterIP Address of the Service. None makes it headless: its name leads to the pods' own addresses.
  clusterIPs The same, for each family of addresses.
  externalIPs Addresses outside of the cluster that lead here as well.
  externalName With the type ExternalName: the name that this one stands for.
  externalTrafficPolicy(Cluster|Local) Whether requests from outside may go on to another node.
  internalTrafficPolicy(Cluster|Local) Whether requests from inside may go to another node.
  ipFamilies Families of addresses: IPv4, IPv6.
  ipFamilyPolicy(PreferDualStack|RequireDualStack|SingleStack) Whether it has addresses of one family or of both.
  loadBalancerIP Address that the load balancer should have.
  loadBalancerSourceRanges Clients that the load balancer lets through.
  ports The ports.
  publishNotReadyAddresses If true, pods that are not ready count as well.
  selector Labels of the pods that stand behind the Service. Without it, somebody else writes the EndpointSlices.
  sessionAffinity(ClientIP|None) With ClientIP, a client stays with one pod. Default None.
  type(ClusterIP|ExternalName|LoadBalancer|NodePort) How far it reaches: ClusterIP within the cluster, NodePort by each node, LoadBalancer from outside. Default ClusterIP.
ServiceStatus How a Service is.
  conditions Further states of the Service.
  loadBalancer Addresses of its load balancer.
TCPSocketAction Opens a connection; that it opens is success.
  host Host to connect to. Default the pod's own address.
  port! Number or name of the container's port.
Taint What keeps pods away from a node that do not tolerate it.
  effect!(NoExecute|NoSchedule|PreferNoSchedule) NoSchedule keeps new pods away, NoExecute drives out running ones too.
  key! Key of the taint.
  value Value of the taint.
Toleration A taint that a pod puts up with.
  effect(NoExecute|NoSchedule|PreferNoSchedule) Effect of the taint. Default every effect.
  key Key of the taint. Empty with the operator Exists: every taint.
  operator(Equal|Exists) Whether the value has to be the same. Default Equal.
  tolerationSeconds Seconds for which NoExecute is put up with. Default for ever.
  value Value of the taint.
TypedLocalObjectReference An object in the same namespace, with its kind.
  kind! Its kind.
  name! Its name.
Volume A folder that the containers of a pod can mount; exactly one source is set.
  configMap The values of a ConfigMap as files.
  csi A volume of a driver on the node.
  downwardAPI Facts about the pod as files.
  emptyDir An empty folder that is gone with the pod.
  ephemeral A claim that is made with the pod and goes with it.
  hostPath A file or folder of the node.
  name! Name of the volume, a DNS label, unique in the pod.
  nfs A folder of an NFS server.
  persistentVolumeClaim The volume of a claim.
  projected Several sources in one folder.
  secret The values of a Secret as files.
VolumeMount Where a volume appears in a container.
  mountPath! Path in the container; without ":".
  name! Name of the volume.
  readOnly If true, it cannot be written to. Default false.
  subPath Only this path within the volume. Default all of it.
  subPathExpr The same, with $(NAME) replaced by variables.
VolumeResourceRequirements How large a volume has to be, and may be.
  limits Most that it may be.
  requests Least that it must be: storage.
`;
