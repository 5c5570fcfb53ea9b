/**
 * Reads a source for its feed:
 *
 *   loop:  settle -> wait for credits -> poll -> drain (a whole batch, synchronously) -> everybody else's turn -> loop
 *
 * A barrier may be emitted at each arrow, so a source that waits for credits or for data does not delay it.
 */
import type { Restore } from '../element.ts'
import type { SourceReader } from '../sources/source.ts'
import type { Feed } from './feed.ts'

/** A source that always has more would otherwise let no timer or socket have its turn, and so no checkpoint, stop or signal. */
const otherTurns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Resolves at the end of a bounded source, or when the feed is stopped; rejects with what the reader rejects with. */
export async function pump(feed: Feed, reader: SourceReader<unknown>, restored: Restore): Promise<void> {
  const { credits } = restored.services
  const { maxInFlight } = feed.source
  feed.begin(restored, reader.position(), (held) => reader.hold?.(held))
  while (!feed.isStopped()) {
    feed.settle(reader.ended)
    if (credits.inFlight >= maxInFlight) await feed.waits(credits.below(maxInFlight))
    const found = feed.isStopped() ? 'empty' : await reader.poll()
    if (feed.isStopped()) return
    if (found === 'end') return feed.exhausted()
    if (found === 'empty') continue
    feed.batch((emit, refuse) => reader.drain(emit, refuse))
    await otherTurns()
  }
}
