/** Fields of discovery.k8s.io/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_DISCOVERY = `
Endpoint
  1 addresses []string
  2 conditions EndpointConditions
  3 hostname string
  4 targetRef core.ObjectReference
  5 deprecatedTopology map<string>
  6 nodeName string
  7 zone string
  8 hints EndpointHints
EndpointConditions
  1 ready bool pointer
  2 serving bool pointer
  3 terminating bool pointer
EndpointHints
  1 forZones []ForZone
EndpointPort
  1 name string
  2 protocol string
  3 port int32 pointer
  4 appProtocol string
EndpointSlice
  1 metadata meta.ObjectMeta
  2 endpoints []Endpoint always
  3 ports []EndpointPort
  4 addressType string always
ForZone
  1 name string
`;
