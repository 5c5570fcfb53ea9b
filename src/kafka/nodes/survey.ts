/**
 * Asks several brokers for metadata at once. One of them may have been paused or partitioned, and
 * be out of date.
 */

import type { AttemptContext } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import { metadata } from '../protocol/metadata.ts'
import type { Connections, TopicMetadata } from './connections.ts'

/** Limit on brokers asked, for clusters with hundreds of them. */
const most = 5

/** A broker that takes longer is left out, ms. */
const longest = 1_000

/** The answers of some brokers about these topics, without the brokers that cannot answer. */
export async function surveyed(
  { clock, signal }: Pick<AttemptContext, 'clock' | 'signal'>,
  connections: Pick<Connections, 'call'>,
  topics: readonly string[],
  nodes: readonly number[],
): Promise<readonly (readonly TopicMetadata[])[]> {
  const answers: (readonly TopicMetadata[])[] = []
  const over = new AbortController()
  const asked = spread(nodes).map((node) =>
    connections.call(node, metadata, topics).then(
      (answer) => void answers.push(answer.topics),
      () => undefined,
    ),
  )
  // The requests have no shorter timeout: that would break a connection on which others wait.
  await Promise.race([Promise.all(asked), sleep(clock, longest, signal, over.signal)])
  over.abort()
  return [...answers]
}

/** Picks nodes from all over the list. */
function spread(nodes: readonly number[]): readonly number[] {
  const step = Math.max(1, nodes.length / most)
  return nodes.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step))
}
