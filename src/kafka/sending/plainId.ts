/** A producer id without a transactional id: any broker has some to give, most of the time. */
import type { AttemptContext } from '../../attempt.ts'
import { brokerError } from '../nodes/brokerErrors.ts'
import type { Connections } from '../nodes/connections.ts'
import { patience } from '../nodes/patience.ts'
import { initProducerId, type ProducerIdAnswer } from '../protocol/initProducerId.ts'
import { mayRepeat } from './doubt.ts'

/** Asks until a broker has one to give. An id whose answer is lost is lost with it. */
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
