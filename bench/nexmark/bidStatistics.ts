/** Numbers of bids, and of their distinct bidders and auctions, in all and in three ranks of price: q15 and q16. */
import { type Key, keyedProcess, mapState, type Stream, valueState } from 'rxweft'
import type { Bid } from './model.ts'
import type { Row } from './query.ts'

/** Bits of the ranks; bit 1 is for all bids. */
const rankOf = (price: number): number => (price < 10_000 ? 2 : price < 1_000_000 ? 4 : 8)

type Four = [total: number, rank1: number, rank2: number, rank3: number]

/** Counts in all ranks whose bits are set. */
function count(counts: Four, bits: number): void {
  for (let rank = 0; rank < 4; rank++) if (bits & (1 << rank)) counts[rank] = (counts[rank] as number) + 1
}

const named = ([total, rank1, rank2, rank3]: Four, what: string): Row => ({
  [`total_${what}`]: total,
  [`rank1_${what}`]: rank1,
  [`rank2_${what}`]: rank2,
  [`rank3_${what}`]: rank3,
})

const copy = ([total, rank1, rank2, rank3]: Four): Four => [total, rank1, rank2, rank3]

const none = () => ({ bids: [0, 0, 0, 0] as Four, bidders: [0, 0, 0, 0] as Four, auctions: [0, 0, 0, 0] as Four })

/** @param head other columns of the row of a key, by its newest bid */
export function bidStatistics(bids: Stream<Bid, string>, head: (bid: Bid, key: string) => Row): Stream<Row, Key> {
  return bids.pipe(
    keyedProcess(
      {
        // Of each bidder and auction, the ranks that have counted it.
        state: {
          counts: valueState<ReturnType<typeof none>>(),
          bidders: mapState<number, number>(),
          auctions: mapState<number, number>(),
        },
        onElement(bid, { state, key }) {
          const { bids, bidders, auctions } = state.counts.get() ?? none()
          const counts = { bids: copy(bids), bidders: copy(bidders), auctions: copy(auctions) }
          const bits = 1 | rankOf(bid.price)
          count(counts.bids, bits)
          for (const [what, id] of [
            ['bidders', bid.bidder],
            ['auctions', bid.auction],
          ] as const) {
            const seen = state[what].get(id) ?? 0
            if ((seen | bits) === seen) continue
            count(counts[what], bits & ~seen)
            state[what].set(id, seen | bits)
          }
          state.counts.set(counts)
          const of = (what: keyof typeof counts) => named(counts[what], what)
          return [{ ...head(bid, key), ...of('bids'), ...of('bidders'), ...of('auctions') }]
        },
      },
      { id: 'statistics' },
    ),
  )
}
