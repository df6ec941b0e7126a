/** Fields of batch/v1 of Kubernetes 1.32, in the notation of `schema-table.ts`. */
export const KUBERNETES_BATCH = `
CronJob
  1 metadata meta.ObjectMeta
  2 spec CronJobSpec
  3 status CronJobStatus
CronJobSpec
  1 schedule string always
  2 startingDeadlineSeconds int64 pointer
  3 concurrencyPolicy string
  4 suspend bool pointer
  5 jobTemplate JobTemplateSpec always
  6 successfulJobsHistoryLimit int32 pointer
  7 failedJobsHistoryLimit int32 pointer
  8 timeZone string
CronJobStatus
  1 active []core.ObjectReference
  4 lastScheduleTime Time
  5 lastSuccessfulTime Time
Job
  1 metadata meta.ObjectMeta
  2 spec JobSpec
  3 status JobStatus
JobCondition
  1 type string
  2 status string
  3 lastProbeTime Time
  4 lastTransitionTime Time
  5 reason string
  6 message string
JobSpec
  1 parallelism int32 pointer
  2 completions int32 pointer
  3 activeDeadlineSeconds int64 pointer
  4 selector meta.LabelSelector
  5 manualSelector bool pointer
  6 template core.PodTemplateSpec always
  7 backoffLimit int32 pointer
  8 ttlSecondsAfterFinished int32 pointer
  9 completionMode string
  10 suspend bool pointer
  11 podFailurePolicy PodFailurePolicy
  12 backoffLimitPerIndex int32 pointer
  13 maxFailedIndexes int32
  14 podReplacementPolicy string
  15 managedBy string
  16 successPolicy SuccessPolicy
JobStatus
  1 conditions []JobCondition merge=type
  2 startTime Time
  3 completionTime Time
  4 active int32
  5 succeeded int32
  6 failed int32
  7 completedIndexes string
  8 uncountedTerminatedPods UncountedTerminatedPods
  9 ready int32
  10 failedIndexes string
  11 terminating int32 pointer
JobTemplateSpec
  1 metadata meta.ObjectMeta
  2 spec JobSpec
PodFailurePolicy
  1 rules []PodFailurePolicyRule always
PodFailurePolicyOnExitCodesRequirement
  1 containerName string
  2 operator string
  3 values []int32
PodFailurePolicyOnPodConditionsPattern
  1 type string
  2 status string
PodFailurePolicyRule
  1 action string always
  2 onExitCodes PodFailurePolicyOnExitCodesRequirement
  3 onPodConditions []PodFailurePolicyOnPodConditionsPattern
SuccessPolicy
  1 rules []SuccessPolicyRule always
SuccessPolicyRule
  1 succeededIndexes string
  2 succeededCount int32
UncountedTerminatedPods
  1 succeeded []string
  2 failed []string
`;
