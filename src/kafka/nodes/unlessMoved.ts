/**
 * A request to a node that says nothing, because it is paused, cut off or gone without a word. Its
 * connection stays open, and no answer would come before requestTimeout; the cluster has given its
 * role to another node long before.
 *
 *   request to 1: ------------------- (silence) ------x  given up: in doubt, like any answer that is lost
 *   who has it?               1            1         2   asked of the others, again and again
 *
 * Whoever says that it has moved may be wrong: then it has been given up for nothing, and is sent
 * again as after every lost answer.
 */
import type { Clock } from '../../attempt.ts'
import { RetriableError } from '../../errors.ts'
import type { CallOptions } from './connections.ts'
import type { Leaders } from './leaders.ts'

/**
 * How long a node may say nothing until others are asked whether its role has moved, and between
 * these questions, ms.
 */
export const silence = 1_000

/**
 * The answer. Rejects with Retriable CONNECTION_LOST once the role has moved: its connection is
 * dropped then, since one to a node that comes back after a long time may go on hanging, and
 * nothing that was not sent yet is sent.
 *
 * @param send gets what it has to pass on to `Connections.call`
 * @param moved asks the cluster; where it rejects, nothing is known, and it is asked again
 * @param after when it is asked first, ms
 */
export function unlessMoved<R>(
  clock: Clock,
  send: (options: Pick<CallOptions, 'givenUp'>) => Promise<R>,
  moved: () => Promise<boolean>,
  after = silence,
): Promise<R> {
  return new Promise((resolve, reject) => {
    const given = new AbortController()
    let over = false
    let timer = clock.setTimeout(look, after)

    function end(): void {
      over = true
      clock.clearTimeout(timer)
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
        new RetriableError('CONNECTION_LOST', 'no answer came, and another node has taken the place of the silent one'),
      )
      given.abort()
    }

    send({ givenUp: given.signal }).finally(end).then(resolve, reject)
  })
}

/** Whether the node leads none of these partitions any more. */
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
