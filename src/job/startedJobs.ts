/** Jobs by their handles, for what looks at a running job from outside, such as its page. */
import type { Job } from './defineJob.ts'
import type { JobHandle } from './jobHandle.ts'

const jobs = new WeakMap<JobHandle, Job>()

/** Keeps the job of a handle. */
export function startedAs(job: Job, handle: JobHandle): JobHandle {
  jobs.set(handle, job)
  return handle
}

/** The job that `execute` has started with this handle; undefined for anything else. */
export function jobOf(handle: JobHandle): Job | undefined {
  return jobs.get(handle)
}
