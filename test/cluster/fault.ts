/** What can happen to a cluster under a job: one list of these serves `npm test` and `npm run chaos -- --cluster`. */
import type { ClusterSite } from './site.ts'

export interface ClusterFault {
  /** "leader of a sink partition killed" */
  readonly name: string
  /** One of the twelve of `npm test`. */
  readonly short?: true
  /** Makes it happen and heals it: what follows is the recovery. The job is alive and has committed when it is called. */
  inject(site: ClusterSite): Promise<void>
}
