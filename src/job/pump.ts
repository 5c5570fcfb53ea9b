/**
 * Reads a source for its feed:
 *
 *   loop:  settle -> wait for credits -> poll -> drain (a whole batch, synchronously) -> everybody else's turn -> loop
 *
 * A barrier may be emitted at each arrow, so a source that waits for credits or for data does not delay it.
 */
import { othersTurn } from '../clock.ts'
import type { Services } from '../element.ts'
import type { SourceReader } from '../sources/source.ts'
import type { Feed } from './feed.ts'

/** After `feed.begin`. Resolves at the end of a bounded source, or when the feed is stopped; rejects with what the reader rejects with. */
export async function pump(feed: Feed, reader: SourceReader<unknown>, { credits }: Services): Promise<void> {
  const { maxInFlight } = feed.source
  while (!feed.isStopped()) {
    feed.settle(reader.ended)
    if (credits.inFlight >= maxInFlight) await feed.waits(credits.below(maxInFlight))
    const found = feed.isStopped() ? 'empty' : await reader.poll()
    if (feed.isStopped()) return
    if (found === 'end') return feed.exhausted()
    if (found === 'empty') continue
    feed.batch((emit, refuse) => reader.drain(emit, refuse))
    // A source that always has more would otherwise allow no checkpoint, stop or signal.
    await othersTurn()
  }
}
