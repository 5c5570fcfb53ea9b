/**
 * Checks that every shard reads the whole of a stream. A barrier lists all sources that it has
 * passed, also those that were merged, so the first one tells; nothing is committed before it.
 */

import { withKeySlots } from '../../element.ts'
import { FatalError } from '../../errors.ts'
import { anyKeySlots } from '../../keySlots.ts'
import type { OperatorId } from '../../record.ts'
import type { Stream } from '../../stream.ts'
import { drawn } from './drawn.ts'
import { operate } from './operate.ts'

/** @throws BROADCAST_IN_PART at the first barrier if each shard reads a part of a source */
export function readByAll<T>(operator: OperatorId, elements: Stream<T>): Stream<T> {
  const output = operate<T, T>(operator, (out, here) => ({
    record: (record) => out.next(record),
    restore: (restore) => out.next(withKeySlots(restore, anyKeySlots)),
    barrier(barrier) {
      const { readsInPart = () => false } = here.services
      const part = barrier.positions.find(({ source }) => readsInPart(source))
      if (part !== undefined) throw inPart(operator, part.source)
      out.next(barrier)
    },
  }))(elements)
  return drawn(output, { kind: null })
}

function inPart(operator: OperatorId, source: OperatorId): FatalError {
  return new FatalError(
    'BROADCAST_IN_PART',
    `each shard reads only a part of "${source}", so its records would not reach all keys`,
    {
      where: { operator },
      hint: 'Read it with from(source, watermarks, { everywhere: true }); a stream that comes through a repartition topic cannot be for all shards. If a part is what each shard needs, set everywhere: false',
    },
  )
}
