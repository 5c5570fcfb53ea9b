import { FatalError } from '../../errors.ts'
import type { OperatorId } from '../../record.ts'

/** State that cannot follow its keys to another shard. @param why ends the message */
export function slotless(operator: OperatorId, why: string): FatalError {
  return new FatalError('STATE_HAS_NO_SLOT', `the state cannot be given to other shards: ${why}`, {
    where: { operator },
    hint: 'Put repartition(topic) between keyBy and the operator, so that each key has its partition, or declare the source `keyed: true` if its records are partitioned by the key of the state. Nothing was written; the job still starts with its number of shards',
  })
}
