/** A producer id without a transactional id. Any broker can assign one, usually at once. */
import type { AttemptContext } from '../../attempt.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import { patience } from '../nodes/patience.ts'
import { initProducerId, type ProducerIdAnswer } from '../protocol/initProducerId.ts'
import { mayRepeat } from './doubt.ts'

/** Retries until a broker assigns an id. If the answer is lost, its id stays unused. */
export async function plainId(
  attempt: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'call'>,
): Promise<ProducerIdAnswer> {
  const waiting = patience(attempt.clock, attempt.signal)
  const args = { transactionalId: null, transactionTimeout: 0, producerId: -1, producerEpoch: -1 }
  for (;;) {
    try {
      const answer = await connections.call('any', initProducerId, args)
      if (answer.errorCode === 0) return answer
      throw brokerError(answer.errorCode, 'InitProducerId', {})
    } catch (error) {
      if (!mayRepeat(error)) throw error
      await waiting.after(error)
    }
  }
}
