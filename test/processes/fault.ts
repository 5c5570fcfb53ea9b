/** What can happen to three processes and three brokers of a job. */
import type { ProcessSite } from './site.ts'

export interface ProcessFault {
  readonly name: string
  /** One of each kind can happen at the same time. */
  readonly kind: 'processes' | 'brokers'
  /** It needs a machine for each process. */
  readonly needsMachines?: true
  /** One of those of `npm test`. */
  readonly short?: true
  /** Makes it happen, and heals it: what follows is the recovery. */
  inject(site: ProcessSite): Promise<void>
}
