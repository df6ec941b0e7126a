/** Fields of extensions.istio.io/v1alpha1 of Istio 1.27, in the notation of `schema-table.ts`. */
export const ISTIO_EXTENSIONS = `
TrafficExtension
  - metadata meta.ObjectMeta
  - spec object
  - status object
WasmPlugin
  - metadata meta.ObjectMeta
  - spec WasmPluginSpec
  - status object
WasmPluginSpec
  - selector istiosecurity.WorkloadSelector
  - targetRef istiosecurity.PolicyTargetReference
  - targetRefs []istiosecurity.PolicyTargetReference
  - url string required
  - sha256 string
  - imagePullPolicy enum(UNSPECIFIED_POLICY|IfNotPresent|Always)
  - imagePullSecret string
  - verificationKey string
  - pluginConfig object
  - pluginName string
  - phase enum(UNSPECIFIED_PHASE|AUTHN|AUTHZ|STATS)
  - priority int32
  - failStrategy enum(FAIL_CLOSE|FAIL_OPEN|FAIL_RELOAD)
  - vmConfig object
  - match []object
  - type enum(UNSPECIFIED_PLUGIN_TYPE|HTTP|NETWORK)
`;
