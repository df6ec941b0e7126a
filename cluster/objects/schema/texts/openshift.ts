/** What is said of the types and fields of OpenShift's kinds, in the notation of `field-texts.ts`. */
export const OPENSHIFT_TEXTS = `
DeploymentConfig Keeps a number of equal pods running and replaces them when its template or an image changes. The forerunner of Deployment.
DeploymentConfigSpec How many pods, which, and what starts a rollout.
  minReadySeconds Seconds that a pod has to be ready before it counts as available.
  paused If true, changes of the template wait.
  replicas! How many pods.
  revisionHistoryLimit How many former ReplicationControllers are kept for a rollback.
  selector Labels of the pods that belong to it.
  strategy How old pods give way to new ones.
  template The pods to make.
  test If true, there are pods only while a rollout is tested.
  triggers What starts a rollout. Without any, oc rollout latest does.
DeploymentConfigStatus How a DeploymentConfig is.
  availableReplicas! Pods that can be used.
  conditions Whether it is available and makes progress.
  details Why the last rollout was started.
  latestVersion! Number of the last rollout.
  readyReplicas Pods that are ready.
  replicas! Pods that belong to it.
  updatedReplicas! Pods of the last rollout.
DeploymentStrategy How old pods give way to new ones.
  activeDeadlineSeconds How long a rollout may take.
  recreateParams Settings of Recreate.
  resources Resources of the pod that does the rollout.
  rollingParams Settings of Rolling.
  type Recreate, Rolling or Custom. Default Rolling.
DeploymentTriggerPolicy What starts a rollout.
  imageChangeParams Which image.
  type ConfigChange or ImageChange.
Project A namespace with a display name, a description and its own access rights.
RollingDeploymentStrategyParams Settings of a rollout step by step.
  maxSurge How many pods there may be above replicas. Default 25%.
  maxUnavailable How many pods may be missing meanwhile. Default 25%.
  timeoutSeconds How long it may take before it counts as failed. Default 600.
Route A name under which the world reaches a Service.
RouteIngress One router and the name under which it serves the route.
  conditions Whether the router has admitted it.
  host The name.
  routerName The router.
RoutePort The port of the Service.
  targetPort! Name or number of the port on the pods.
RouteSpec The name, the Service behind it, and TLS.
  alternateBackends Further Services that share the requests by weight.
  host The name. Default: one that is made from route and namespace.
  path Only paths that begin with this.
  port Which port of the Service. Default all.
  subdomain Name below the router's domain, where host is empty.
  tls TLS settings. Without them the route is plain HTTP.
  to! The Service.
  wildcardPolicy None, or Subdomain for all names of the domain. Default None.
RouteStatus Which routers serve it.
  ingress One for each router.
RouteTargetReference A Service and its weight.
  kind! Service.
  name! Its name.
  weight Its part of the requests, from 0 to 256. Default 100.
TLSConfig TLS of a route.
  caCertificate Certificates of the authority, as PEM.
  certificate The certificate, as PEM.
  destinationCACertificate Whom to trust behind the router; with reencrypt.
  insecureEdgeTerminationPolicy What plain HTTP gets: None, Allow or Redirect.
  key The key, as PEM.
  termination! edge ends TLS at the router, passthrough at the pod, reencrypt does both.
User A person.
  fullName Name of the person.
  groups Groups that the user is in.
`;
