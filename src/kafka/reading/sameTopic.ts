/**
 * Detects a topic that was deleted and created again. The new one has its own offsets: reading on
 * in it would skip or repeat records.
 */
import type { AttemptContext } from '../../attempt.ts'
import { FatalError, RxweftError } from '../../errors.ts'
import type { SplitOffset } from '../../record.ts'
import type { TopicMetadata } from '../nodes/connections.ts'
import type { Leaders } from '../nodes/leaders.ts'
import { finalPatience } from '../nodes/passing.ts'
import { patience } from '../nodes/patience.ts'

const hint =
  'Offsets of the old topic do not apply to a new one. Restore the old topic, or start over under another job name'

/**
 * Returns the current topic. Rejects with Fatal TOPIC_RECREATED or TOPIC_MISSING, both naming the
 * next record to read, once every broker that answers has reported it for some seconds.
 */
export async function sameTopic(
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
  leaders: Leaders,
  split: SplitOffset,
): Promise<TopicMetadata> {
  const { topic, partition, offset, topicId } = split
  const where = { topic, partition, offset }
  const waiting = patience(clock, signal, { limit: finalPatience })
  for (;;) {
    const now = await leaders.topic(topic).catch((error) => {
      const missing = error instanceof RxweftError && error.code === 'TOPIC_MISSING'
      throw missing
        ? new FatalError('TOPIC_MISSING', 'the topic was deleted while the job was reading it', { where, hint })
        : error
    })
    if (topicId === undefined || now.topicId === topicId) return now
    const what = `the topic was deleted and created again (id ${topicId}, now ${now.topicId})`
    await waiting.after(new FatalError('TOPIC_RECREATED', what, { where, hint }))
    await leaders.survey()
  }
}
