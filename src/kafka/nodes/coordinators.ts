/** Requests to the coordinators of transactional ids and consumer groups, wherever they are now. */
import type { AttemptContext } from '../../attempt.ts'
import type { RxweftError } from '../../errors.ts'
import { isInDoubt, mayRepeat } from '../sending/doubt.ts'
import { brokerError } from './brokerErrors.ts'
import type { CallOptions, Connections, CoordinatorType } from './connections.ts'
import { type Patience, patience } from './patience.ts'
import { unlessMoved } from './unlessMoved.ts'

export interface Coordinators {
  /**
   * Node id of the coordinator. Retries while there is none, or while no broker answers: a broker
   * that has just started first creates the coordinators' topic.
   */
  find(type: CoordinatorType, key: string): Promise<number>
  /**
   * Sends a request to the coordinator; after a refusal or a lost answer, sends it again to the
   * current one. So the request must be idempotent. Resolves with the answer that is no error;
   * `what` names the request in errors.
   */
  ask<R extends { readonly errorCode: number }>(
    type: CoordinatorType,
    key: string,
    what: string,
    request: (node: number, options: CallOptions) => Promise<R>,
  ): Promise<R>
}

/**
 * The coordinator still writes the markers of the transaction before, which takes some milliseconds
 * unless a leader is away, or it is no coordinator any more: for half a second it is asked again
 * soon, and nobody else is.
 */
const busy = 'CONCURRENT_TRANSACTIONS'
const markers = { longest: 20, limit: 500 }

/**
 * @param limit how long a request is retried, ms; default: that of `patience`
 * @param answerLost called when the answer to a request of `ask` is lost
 */
export function coordinators(
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'coordinator' | 'forgetCoordinator'>,
  limit?: number,
  answerLost: () => void = () => undefined,
): Coordinators {
  const patient = (): Patience => patience(clock, signal, limit === undefined ? {} : { limit })

  async function found(type: CoordinatorType, key: string, waiting: Patience): Promise<number> {
    for (;;) {
      try {
        return await connections.coordinator(type, key)
      } catch (error) {
        if (!mayRepeat(error)) throw error
        await waiting.after(error)
      }
    }
  }

  async function moved(type: CoordinatorType, key: string, node: number): Promise<boolean> {
    connections.forgetCoordinator(type, key)
    return (await connections.coordinator(type, key)) !== node
  }

  return {
    find: (type, key) => found(type, key, patient()),
    async ask(type, key, what, request) {
      const waiting = patient()
      const soon = patience(clock, signal, markers)
      for (;;) {
        const node = await found(type, key, waiting)
        const sent = unlessMoved(
          clock,
          (options) => request(node, options),
          () => moved(type, key, node),
        )
        const answer = await answered(sent)
        if ('lost' in answer && isInDoubt(answer.lost)) answerLost()
        if ('errorCode' in answer && answer.errorCode === 0) return answer
        const error = 'errorCode' in answer ? brokerError(answer.errorCode, what, {}) : answer.lost
        if (!mayRepeat(error)) throw error
        if (error.code === busy && (await waited(soon, error))) continue
        connections.forgetCoordinator(type, key)
        await waiting.after(error)
      }
    },
  }
}

/** False if that has been tried for long enough. */
function waited(patience: Patience, error: RxweftError): Promise<boolean> {
  return patience.after(error).then(
    () => true,
    () => false,
  )
}

/** The answer, or the error that lost it. Rejects with errors that a retry could not change. */
async function answered<R>(request: Promise<R>): Promise<R | { readonly lost: RxweftError }> {
  try {
    return await request
  } catch (error) {
    if (!mayRepeat(error)) throw error
    return { lost: error }
  }
}
