/**
 * The session of Kafka sinks without exactly-once: no transaction and no ledger. Each sink has one
 * idempotent producer (acks 'all'), or one without sequence numbers (acks 1).
 */
import type { AttemptContext } from '../../attempt.ts'
import type { CheckpointId } from '../../record.ts'
import type { KafkaCluster } from '../cluster.ts'
import { leaders as leadersOf } from '../nodes/leaders.ts'
import { outbox } from '../sending/outbox.ts'
import { producer } from '../sending/producer.ts'
import { endsAttempt, sinkShare } from '../sending/shares.ts'
import { partitionCounts, topicShape } from '../sink/topicShape.ts'
import type { KafkaSession } from './session.ts'

export interface PlainSession extends KafkaSession {
  close(): Promise<void>
}

export async function plainSession(
  attempt: AttemptContext,
  cluster: KafkaCluster,
  acks: 'all' | 1,
): Promise<PlainSession> {
  const connections = await cluster.connect('produce', attempt.tell)
  const leaders = leadersOf(attempt, connections)
  const identity = { transactionalId: null, transactionTimeout: 0, acks: acks === 'all' ? -1 : acks } as const
  const plain = producer(attempt, connections, leaders, identity)
  await plain.init()
  const outgoing = outbox({
    clock: attempt.clock,
    credits: attempt.credits,
    signal: attempt.signal,
    fail: attempt.fail,
    ready: async () => undefined,
    send: (_, parcels) => plain.offer(parcels),
  })
  return {
    topic: (name, within) => topicShape(connections, leaders, name, within),
    partitions: (topics) => partitionCounts(leaders, topics),
    enlist(meter) {
      let current: CheckpointId = 1
      let refused = endsAttempt
      const share = sinkShare((record, checkpoint) => refused(record, checkpoint - 1), meter)
      return {
        lane: (topic, partition, limits) => outgoing.lane(topic, partition, limits, () => current, share),
        seal: () => outgoing.flush(current++),
        settle: (then) => outgoing.settle(share, current - 1, then),
        onRefused(listener) {
          refused = listener
        },
      }
    },
    close: () => connections.close(),
  }
}
