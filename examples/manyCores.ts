/**
 * Word count on many cores: two threads split lines into words, and each word goes through a topic
 * to the thread that counts it.
 *
 *   npm run example -- manyCores
 */

import type { RepartitionTopic } from 'rxweft'
import {
  defineJob,
  flatMap,
  type Job,
  json,
  keyBy,
  map,
  type Source,
  scan,
  type TransactionalSink,
  text,
  to,
} from 'rxweft'
import type { RepartitionEnds } from './program/ends.ts'
import type { WordCount } from './wordCount.ts'

/** For `execute(job, { shards })`. */
export const shards = 2

export function manyCores(
  lines: Source<string>,
  words: RepartitionTopic<string, string>,
  counts: TransactionalSink<WordCount>,
): Job {
  return defineJob('many-cores', ({ from, repartition }) =>
    from(lines).pipe(
      flatMap((line) => line.toLowerCase().match(/\p{L}+/gu) ?? []),
      keyBy((word) => word),
      repartition(words),
      scan((count) => count + 1, 0, { id: 'counts' }),
      map((count, { key }) => ({ word: key, count })),
      to(counts),
    ),
  )
}

/** Four partitions, so at most four shards. */
export const onTopics = ({ source, topic, sink }: RepartitionEnds): Job =>
  manyCores(
    source('lines', text),
    topic({ name: 'words', partitions: 4, key: text, value: text }),
    sink('counts', json()),
  )
