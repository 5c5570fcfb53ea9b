/**
 * A request to a silent node: paused, partitioned, or gone without a word. Its connection stays
 * open, and requestTimeout is far away; the cluster has given its role to another node long before.
 *
 *   request to 1: ------------------- (silence) ------x  given up: in doubt, like any lost answer
 *   who has it?               1            1         2   asked of other nodes, repeatedly
 *
 * A node that reports a move may be wrong: the request was then given up for nothing, and is sent
 * again as after any lost answer.
 */
import type { Clock } from '../../attempt.ts'
import { RetriableError } from '../../errors.ts'
import type { CallOptions } from './connections.ts'
import type { Leaders } from './leaders.ts'

/**
 * Silence after which other nodes are asked whether the role has moved, and the interval of these
 * questions, ms.
 */
export const silence = 1_000

/**
 * Returns the answer. Rejects with Retriable CONNECTION_LOST once the role has moved: the
 * connection is dropped, since one to a node that returns after a long time may keep hanging, and
 * unsent requests are not sent.
 *
 * @param send receives options that it must pass to `Connections.call`
 * @param moved asks the cluster; if it rejects, the answer is unknown and it is asked again
 * @param after delay of the first question, ms
 * @param until gives the request up when it is aborted
 */
export function unlessMoved<R>(
  clock: Clock,
  send: (options: Pick<CallOptions, 'givenUp'>) => Promise<R>,
  moved: () => Promise<boolean>,
  after = silence,
  until?: AbortSignal,
): Promise<R> {
  return new Promise((resolve, reject) => {
    const given = new AbortController()
    let over = false
    let timer = clock.setTimeout(look, after)

    function end(): void {
      over = true
      clock.clearTimeout(timer)
      until?.removeEventListener('abort', giveUp)
    }

    function look(): void {
      timer = clock.setTimeout(look, silence)
      moved().then(
        (it) => {
          if (it && !over) giveUp()
        },
        () => undefined,
      )
    }

    function giveUp(): void {
      end()
      reject(
        new RetriableError(
          'CONNECTION_LOST',
          'no answer came, and another broker has taken over the role of the silent one, or nobody waits for it any more',
        ),
      )
      given.abort()
    }

    until?.addEventListener('abort', giveUp)
    send({ givenUp: given.signal }).finally(end).then(resolve, reject)
  })
}

/** True if the node leads none of these partitions any more. */
export async function leadsNone(
  leaders: Pick<Leaders, 'refresh' | 'leader'>,
  node: number,
  splits: readonly { readonly topic: string; readonly partition: number }[],
): Promise<boolean> {
  await leaders.refresh()
  return !splits.some(({ topic, partition }) => leads(leaders, node, topic, partition))
}

function leads(leaders: Pick<Leaders, 'leader'>, node: number, topic: string, partition: number): boolean {
  try {
    return leaders.leader(topic, partition) === node
  } catch {
    return false
  }
}
