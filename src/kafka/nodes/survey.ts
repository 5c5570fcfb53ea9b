/**
 * Asks several brokers for metadata at once. One of them may have been paused or cut off, and not
 * know what has happened since.
 */

import type { AttemptContext } from '../../attempt.ts'
import { sleep } from '../../clock.ts'
import { metadata } from '../protocol/metadata.ts'
import type { Connections, TopicMetadata } from './connections.ts'

/** In a cluster of hundreds of brokers not everybody is asked. */
const most = 5

/** Who takes longer, ms, is left out. */
const longest = 1_000

/** What each of some brokers says about these topics; those that cannot answer are left out. */
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
  // The request is not given a shorter timeout: that would break a connection on which others wait.
  await Promise.race([Promise.all(asked), sleep(clock, longest, signal, over.signal)])
  over.abort()
  return [...answers]
}

/** Some of the nodes, from all over the list. */
function spread(nodes: readonly number[]): readonly number[] {
  const step = Math.max(1, nodes.length / most)
  return nodes.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step))
}
