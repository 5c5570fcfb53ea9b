/**
 * Word count: emits for every word its number of occurrences so far. The counts are state, kept in
 * checkpoints.
 *
 *   npm run example -- wordCount
 */
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
import type { Ends } from './program/ends.ts'

export interface WordCount {
  readonly word: string
  readonly count: number
}

export function wordCount(lines: Source<string>, counts: TransactionalSink<WordCount>): Job {
  return defineJob('word-count', ({ from }) =>
    from(lines).pipe(
      flatMap((line) => line.toLowerCase().match(/\p{L}+/gu) ?? []),
      keyBy((word) => word),
      scan((count) => count + 1, 0, { id: 'counts' }),
      map((count, { key }) => ({ word: key, count })),
      to(counts),
    ),
  )
}

export const onTopics = ({ source, sink }: Ends): Job => wordCount(source('lines', text), sink('counts', json()))
