/**
 * Fields of telemetry.istio.io of Istio 1.27 (v1 and v1alpha1 are the same), in the notation of `schema-table.ts`.
 * Left open below the first level: metrics and traces, which nothing here reads.
 */
export const ISTIO_TELEMETRY = `
Telemetry
  - metadata meta.ObjectMeta
  - spec TelemetrySpec
  - status object
TelemetrySpec
  - selector istiosecurity.WorkloadSelector
  - targetRef istiosecurity.PolicyTargetReference
  - targetRefs []istiosecurity.PolicyTargetReference
  - tracing []object
  - metrics []object
  - accessLogging []AccessLogging
AccessLogging
  - match AccessLoggingMatch
  - providers []ProviderRef
  - disabled bool
  - filter AccessLoggingFilter
AccessLoggingMatch
  - mode enum(CLIENT_AND_SERVER|CLIENT|SERVER)
ProviderRef
  - name string required
AccessLoggingFilter
  - expression string
`;
