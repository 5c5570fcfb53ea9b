/**
 * Removes records that the shard has read for good, at intervals and in the background. Best
 * effort: remaining records take space, and the next removal includes them.
 */
import type { AttemptContext } from '../../attempt.ts'
import type { SourceReader } from '../../contracts/source.ts'
import { type RxweftError, toError } from '../../errors.ts'
import type { SplitOffset } from '../../record.ts'
import type { KafkaCluster } from '../cluster.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import { leaders } from '../nodes/leaders.ts'
import { deleteRecords } from '../protocol/deleteRecords.ts'

/** @param interval ms */
export function purging<R extends SourceReader<unknown>>(
  reader: R,
  attempt: AttemptContext,
  cluster: KafkaCluster,
  topic: string,
  interval: number,
): R {
  let failures: Error[] = []
  let last = attempt.clock.monotonic()
  let underway = false

  async function remove(splits: readonly SplitOffset[]): Promise<void> {
    const connections = await cluster.connect('purge')
    try {
      const leading = leaders(attempt, connections)
      await leading.topic(topic)
      for (const [node, its] of leading.group(splits)) {
        const answers = await connections.call(node, deleteRecords, its)
        failures.push(...answers.flatMap(refusal))
      }
    } finally {
      await connections.close()
    }
  }

  return {
    ...reader,
    release(splits) {
      const read = splits.filter(({ offset }) => offset > 0)
      if (!underway && read.length > 0 && attempt.clock.monotonic() - last >= interval) {
        underway = true
        remove(read)
          .catch((thrown) => failures.push(toError(thrown)))
          .finally(() => {
            underway = false
            last = attempt.clock.monotonic()
          })
      }
      const told = failures
      failures = []
      return told
    },
  }
}

function refusal({ topic, partition, errorCode }: { topic: string; partition: number; errorCode: number }) {
  return errorCode === 0 ? [] : ([brokerError(errorCode, 'DeleteRecords', { topic, partition })] as RxweftError[])
}
