/** What is said of the types and fields of smaller groups of Kubernetes, in the notation of `field-texts.ts`. */
export const AUTOSCALING_TEXTS = `
CrossVersionObjectReference The object to scale.
  apiVersion Its API version.
  kind! Its kind.
  name! Its name.
HorizontalPodAutoscaler Changes the number of pods by what they use.
HorizontalPodAutoscalerSpec What is scaled, between which numbers, and by what.
  behavior How fast it goes up and down.
  maxReplicas! Most pods.
  metrics What is measured, and what it should be. Default 80% of the CPU that is requested.
  minReplicas Least pods. Default 1.
  scaleTargetRef! The object to scale, as a Deployment.
  targetCPUUtilizationPercentage CPU that pods should use, in percent of what they request.
`;

export const BATCH_TEXTS = `
CronJob Makes Jobs at set times.
CronJobSpec When, and which Jobs.
  concurrencyPolicy(Allow|Forbid|Replace) What happens while the last Job still runs: Allow one more, Forbid it, or Replace the old one. Default Allow.
  failedJobsHistoryLimit How many failed Jobs are kept. Default 1.
  jobTemplate! The Jobs to make.
  schedule! When, as five fields of cron: minute, hour, day, month, day of the week.
  startingDeadlineSeconds How late a Job may still be started.
  successfulJobsHistoryLimit How many successful Jobs are kept. Default 3.
  suspend If true, no more Jobs are made. Default false.
  timeZone Name of the time zone of the schedule. Default the control plane's.
CronJobStatus How a CronJob is.
  active Jobs that run.
  lastScheduleTime When the last Job was made.
  lastSuccessfulTime When the last Job succeeded.
Job Runs pods until enough of them have succeeded.
JobSpec Which pods, how many, and how often they may fail.
  activeDeadlineSeconds Seconds after which the Job is ended as failed.
  backoffLimit How many failures are put up with. Default 6.
  backoffLimitPerIndex The same, for each index.
  completionMode(Indexed|NonIndexed) With Indexed each pod has a number, from 0 to completions - 1. Default NonIndexed.
  completions How many pods must succeed. Default 1.
  manualSelector If true, selector is your own. Seldom needed.
  parallelism How many pods run at once. Default 1.
  podFailurePolicy Which failures count, by exit code or condition.
  selector Labels of its pods; the server writes them.
  suspend If true, no pods run. Default false.
  template! The pods to make. Their restartPolicy is Never or OnFailure.
  ttlSecondsAfterFinished Seconds after which a Job that is over is deleted. Default never.
JobStatus How a Job is.
  active Pods that run or will.
  completionTime When it succeeded.
  conditions Whether it is complete or has failed.
  failed Pods that failed.
  ready Pods that are ready.
  startTime When it began.
  succeeded Pods that succeeded.
JobTemplateSpec The Jobs that a CronJob makes.
`;

export const DISCOVERY_TEXTS = `
Endpoint One address behind a Service.
  addresses! Its addresses.
  conditions Whether it takes requests.
  nodeName The node that it is on.
  targetRef The pod that it belongs to.
  zone The zone that it is in.
EndpointConditions Whether an address takes requests.
  ready It does, and is not being ended.
  serving It does, even if it is being ended.
  terminating It is being ended.
EndpointPort A port of the addresses.
  name Name of the port, as the Service has it.
  port Its number.
  protocol Default TCP.
EndpointSlice Some of the addresses behind a Service, with the label kubernetes.io/service-name.
  addressType!(FQDN|IPv4|IPv6) What the addresses are.
  endpoints! The addresses.
  ports Ports of all these addresses.
`;

export const NETWORKING_TEXTS = `
HTTPIngressPath A path and where it leads.
  backend! Where it leads.
  path The path, beginning with /.
  pathType!(Exact|ImplementationSpecific|Prefix) Whether it is the whole path or a beginning of it.
HTTPIngressRuleValue Paths of a host.
  paths! The paths.
IPBlock A range of addresses.
  cidr! The range, as 10.0.0.0/8.
  except Parts of it that do not count.
Ingress Ways for HTTP from outside to Services, by host and path. An ingress controller opens them.
IngressBackend Where requests go.
  resource An object other than a Service.
  service A Service.
IngressClass A kind of ingress controller.
IngressRule The paths of one host.
  host Name of the host, also as *.example.com. Default every host.
  http Its paths.
IngressServiceBackend A port of a Service.
  name! Name of the Service.
  port Number or name of its port.
IngressSpec Which hosts and paths lead where.
  defaultBackend Where requests go that no rule fits.
  ingressClassName Which IngressClass opens it.
  rules Hosts with their paths.
  tls Hosts with certificates.
IngressTLS Hosts that share a certificate.
  hosts The hosts.
  secretName Secret with the certificate and its key.
NetworkPolicy Which connections pods may have. A pod that no policy selects may have all.
NetworkPolicyEgressRule Connections that pods may open.
  ports Ports that they may open them to. Default all.
  to Where they may open them to. Default everywhere.
NetworkPolicyIngressRule Connections that pods may be reached by.
  from Who may open them. Default everyone.
  ports Ports that may be reached. Default all.
NetworkPolicyPeer The other side of a connection.
  ipBlock A range of addresses.
  namespaceSelector Labels of its namespace.
  podSelector Labels of the pod.
NetworkPolicyPort A port or a range of ports.
  endPort Last port of the range.
  port Number or name. Default all.
  protocol TCP, UDP or SCTP. Default TCP.
NetworkPolicySpec Pods, and the connections that they may have.
  egress Connections that they may open.
  ingress Connections that they may be reached by.
  podSelector Labels of the pods that it is about; empty for all of the namespace.
  policyTypes Ingress, Egress or both: which directions it restricts.
ServiceBackendPort A port of a Service.
  name Its name.
  number Its number.
`;

export const POLICY_TEXTS = `
PodDisruptionBudget How many pods must stay when pods are evicted, as kubectl drain does.
PodDisruptionBudgetSpec Which pods, and how many must stay.
  maxUnavailable How many may be missing, a number or a percentage. Not together with minAvailable.
  minAvailable How many must stay, a number or a percentage.
  selector Labels of the pods.
  unhealthyPodEvictionPolicy Whether pods that are not ready may be evicted anyway.
`;

export const RBAC_TEXTS = `
ClusterRole Rights for the whole cluster, or for any namespace that a RoleBinding gives them in.
  aggregationRule Labels of other roles whose rules are taken over.
  rules The rights.
ClusterRoleBinding Gives the rights of a ClusterRole everywhere.
  roleRef! The role. Cannot be changed.
  subjects Who gets them.
PolicyRule Which verbs are allowed on which resources.
  apiGroups Groups of the resources; empty text for the core group, * for all.
  nonResourceURLs Paths that are no resources, as /healthz.
  resourceNames Only objects of these names.
  resources Resources, as pods or pods/log; * for all.
  verbs! What is allowed, as get, list, watch, create, update, patch, delete; * for all.
Role Rights within one namespace.
  rules The rights.
RoleBinding Gives the rights of a Role or ClusterRole within one namespace.
  roleRef! The role. Cannot be changed.
  subjects Who gets them.
RoleRef A role.
  apiGroup! Its group: rbac.authorization.k8s.io.
  kind! Role or ClusterRole.
  name! Its name.
Subject Who gets rights.
  apiGroup Its group; empty for service accounts.
  kind! User, Group or ServiceAccount.
  name! Its name.
  namespace Namespace of the service account.
`;

export const STORAGE_TEXTS = `
StorageClass A kind of storage, and what makes volumes of it.
  allowVolumeExpansion Whether claims may grow.
  allowedTopologies Where its volumes may be.
  mountOptions Options with which they are mounted.
  parameters Settings for the provisioner.
  provisioner! What makes the volumes.
  reclaimPolicy(Delete|Recycle|Retain) What happens to a volume once its claim is gone. Default Delete.
  volumeBindingMode(Immediate|WaitForFirstConsumer) Whether a volume is made at once, or when a pod needs it. Default Immediate.
`;
