/** Asks the coordinators of transactional ids and consumer groups, wherever they are at the moment. */
import type { AttemptContext } from '../element.ts'
import { RxweftError } from '../errors.ts'
import { brokerError, isRefused } from './brokerErrors.ts'
import type { Connections, CoordinatorType } from './connections.ts'
import { type Patience, patience } from './patience.ts'

export interface Coordinators {
  /** Its node id. Asks again while there is none: a broker that has just started first makes the topic in which coordinators write. */
  find(type: CoordinatorType, key: string): Promise<number>
  /**
   * Sends a request to it, again for as long as it definitely refuses. Not for EndTxn, whose refusals are not always definite.
   * Resolves with the answer that is no error; `what` names the request in errors.
   */
  ask<R extends { readonly errorCode: number }>(
    type: CoordinatorType,
    key: string,
    what: string,
    request: (node: number) => Promise<R>,
  ): Promise<R>
}

export function coordinators(
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'coordinator' | 'forgetCoordinator'>,
): Coordinators {
  async function found(type: CoordinatorType, key: string, waiting: Patience): Promise<number> {
    for (;;) {
      try {
        return await connections.coordinator(type, key)
      } catch (error) {
        if (!(error instanceof RxweftError && error.code === 'COORDINATOR_NOT_AVAILABLE')) throw error
        await waiting.after(error)
      }
    }
  }

  return {
    find: (type, key) => found(type, key, patience(clock, signal)),
    async ask(type, key, what, request) {
      const waiting = patience(clock, signal)
      for (;;) {
        const answer = await request(await found(type, key, waiting))
        if (answer.errorCode === 0) return answer
        const error = brokerError(answer.errorCode, what, {})
        if (!isRefused(answer.errorCode)) throw error
        connections.forgetCoordinator(type, key)
        await waiting.after(error)
      }
    },
  }
}
