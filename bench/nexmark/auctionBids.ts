/** Joins each bid with its auction, whichever of them comes first: the base of q4, q9 and q20. */
import { filter, keyBy, keyedProcess, listState, type Stream, valueState } from 'rxweft'
import type { Auction, Bid, Event } from './model.ts'

export interface AuctionBid {
  readonly auction: Auction
  readonly bid: Bid
}

/**
 * Keyed by auction. An auction is kept for good, a bid until its auction has come.
 *
 * @param wanted takes the auctions to join; bids of others wait in vain
 */
export function auctionBids(events: Stream<Event>, wanted = (_: Auction) => true): Stream<AuctionBid, number> {
  return events.pipe(
    filter((event) => event.event_type !== 0),
    keyBy((event) => (event.event_type === 1 ? event.auction.id : event.event_type === 2 ? event.bid.auction : 0)),
    keyedProcess(
      {
        state: { auction: valueState<Auction | false>(), waiting: listState<Bid>() },
        onElement(event, { state }) {
          if (event.event_type === 1) {
            const { auction } = event
            // Of an auction that nobody wants, only that is kept.
            state.auction.set(wanted(auction) && auction)
            const bids = state.waiting.get()
            state.waiting.clear()
            return wanted(auction) ? bids.map((bid) => ({ auction, bid })) : []
          }
          if (event.event_type !== 2) return []
          const auction = state.auction.get()
          if (auction === undefined) state.waiting.add(event.bid)
          return auction ? [{ auction, bid: event.bid }] : []
        },
      },
      { id: 'auction-bids' },
    ),
  )
}

/** Bids while their auction is open. */
export const inTime = ({ auction, bid }: AuctionBid): boolean =>
  bid.dateTime >= auction.dateTime && bid.dateTime <= auction.expires
