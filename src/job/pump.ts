/**
 * Reads a source for its feed:
 *
 *     settle -> wait for credits -> poll -> drain (while there is room) -> others' turn -> ...
 *
 * A barrier may be emitted at each arrow, so a source that waits for credits or data does not delay
 * it.
 */
import type { Services } from '../attempt.ts'
import { othersTurn } from '../clock.ts'
import type { Room, SourceReader } from '../contracts/source.ts'
import { partFailed } from '../partFailed.ts'
import type { Feed } from './feed.ts'

/** Most records emitted before others get their turn: one fetch may have tens of thousands. */
const recordsAtOnce = 2_048

/** Records emitted before the remaining room is checked again. */
const recordsAtLook = 512

/**
 * Runs after `feed.begin`. Resolves at the end of a bounded source or of a repartition topic behind
 * bounded sources, or when the feed is stopped;
 * rejects with the reader's error.
 *
 * @param moved called after each batch
 */
export async function pump(
  feed: Feed,
  reader: SourceReader<unknown>,
  { credits, meters }: Pick<Services, 'credits' | 'meters'>,
  moved: () => void,
): Promise<void> {
  const { maxInFlight } = feed.source
  const meter = meters?.source(feed.source.id)
  const turn = portions(() => credits.room(maxInFlight))
  while (!feed.isStopped()) {
    feed.settle(reader.ended)
    if (feed.isThrough()) return feed.exhausted()
    if (credits.room(maxInFlight) === 0) await feed.waits(credits.below(maxInFlight, meter))
    let found: Awaited<ReturnType<typeof reader.poll>> = 'empty'
    try {
      if (!feed.isStopped()) found = await reader.poll()
    } catch (thrown) {
      throw partFailed(feed.source, 'poll', thrown)
    }
    if (feed.isStopped()) return
    if (found === 'end') return feed.exhausted()
    if (found === 'empty') continue
    turn((room) => feed.batch((emit, refuse) => reader.drain(emit, refuse, room)))
    moved()
    // A source that always has data would otherwise allow no checkpoint, stop or signal.
    await othersTurn()
  }
}

/**
 * Splits the room of one turn into portions. Operators may turn one record into many, so each
 * portion takes an eighth of the room left, measured again each time. They may also drop records,
 * so after a portion that took no room the next one is larger.
 */
function portions(room: () => number): (drain: (next: Room) => void) => void {
  let portion = 1
  let before = Infinity
  let dry = false

  return (drain) => {
    let left = recordsAtOnce
    let asked = false
    drain(() => {
      const now = room()
      if (asked) dry = now >= before
      asked = true
      before = now
      portion = Math.max(1, Math.min(2 * portion, dry ? now : Math.ceil(now / 8), recordsAtLook))
      const most = Math.min(now, left, portion)
      left -= most
      return most
    })
    dry = room() >= before
  }
}
