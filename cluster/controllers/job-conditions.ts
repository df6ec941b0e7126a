import { type Condition, type Job } from '../objects/kinds/workload-types.ts';

/** The condition that says that the job is over; undefined while it is not. pkg/controller/job/utils.go, IsJobFinished. */
export function finishedCondition({ status }: Job): Condition | undefined {
  return status?.conditions?.find(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );
}
