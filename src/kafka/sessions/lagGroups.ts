import type { AttemptContext } from '../../attempt.ts'
import type { OperatorId } from '../../record.ts'
import type { KafkaCluster } from '../cluster.ts'

/**
 * Consumer group by source, for lag tools: set by the sources, used by the transactions on the same
 * cluster.
 */
export function lagGroups(attempt: AttemptContext, cluster: KafkaCluster): Map<OperatorId, string> {
  return attempt.share(cluster, () => new Map<OperatorId, string>())
}
