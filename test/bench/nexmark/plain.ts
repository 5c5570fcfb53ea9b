/** The queries of Nexmark once more, each as plainly as it can be said over arrays that are complete. */
import type { Auction, Bid, Event, Person } from '../../../bench/nexmark/model.ts'
import type { Row } from '../../../bench/nexmark/query.ts'

interface Tables {
  readonly persons: readonly Person[]
  readonly auctions: readonly Auction[]
  readonly bids: readonly Bid[]
}

export function tablesOf(events: readonly Event[]): Tables {
  return {
    persons: events.flatMap((event) => (event.event_type === 0 ? [event.person] : [])),
    auctions: events.flatMap((event) => (event.event_type === 1 ? [event.auction] : [])),
    bids: events.flatMap((event) => (event.event_type === 2 ? [event.bid] : [])),
  }
}

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
const minute = (ms: number) => new Date(ms).toISOString().slice(11, 16)
const hour = (ms: number) => new Date(ms).getUTCHours()
const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0)
const highest = (all: readonly number[]) => Math.max(...all)
const start = (ms: number, size: number) => ms - (ms % size)

function grouped<T, K>(all: readonly T[], by: (one: T) => K): readonly (readonly [K, readonly T[]])[] {
  const groups = new Map<K, T[]>()
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one])
  return [...groups]
}

const core = ({ auction, bidder, price, dateTime, extra }: Bid) => ({ auction, bidder, price, dateTime, extra })
const euros = (price: number) => Number((price * 0.908).toFixed(3))

/** Bids of the auction while it was open, the best first. */
function offers({ bids }: Tables, { id, dateTime, expires }: Auction): readonly Bid[] {
  const open = bids.filter((bid) => bid.auction === id && bid.dateTime >= dateTime && bid.dateTime <= expires)
  return open.toSorted((a, b) => b.price - a.price || a.dateTime - b.dateTime)
}

function statistics(bids: readonly Bid[]): Row {
  const ranks = {
    total: bids,
    rank1: bids.filter(({ price }) => price < 10_000),
    rank2: bids.filter(({ price }) => price >= 10_000 && price < 1_000_000),
    rank3: bids.filter(({ price }) => price >= 1_000_000),
  }
  const columns = Object.entries(ranks).flatMap(([name, some]) => [
    [`${name}_bids`, some.length],
    [`${name}_bidders`, new Set(some.map(({ bidder }) => bidder)).size],
    [`${name}_auctions`, new Set(some.map(({ auction }) => auction)).size],
  ])
  return Object.fromEntries(columns)
}

/** All windows of ten seconds, one every two. */
function q5({ bids }: Tables): readonly Row[] {
  const starts = new Set(bids.flatMap((bid) => [0, 1, 2, 3, 4].map((n) => start(bid.dateTime, 2_000) - n * 2_000)))
  return [...starts].flatMap((from) => {
    const within = bids.filter(({ dateTime }) => dateTime >= from && dateTime < from + 10_000)
    const counts = grouped(within, ({ auction }) => auction).map(([auction, all]) => ({ auction, num: all.length }))
    return counts.filter(({ num }) => num === highest(counts.map((count) => count.num)))
  })
}

function q11({ bids }: Tables): readonly Row[] {
  return grouped(bids, ({ bidder }) => bidder).flatMap(([bidder, all]) => {
    const sessions: number[][] = []
    for (const { dateTime } of all) {
      const last = sessions.at(-1)
      if (last !== undefined && dateTime < (last.at(-1) as number) + 10_000) last.push(dateTime)
      else sessions.push([dateTime])
    }
    return sessions.map((times) => ({
      ...{ bidder, bid_count: times.length, starttime: times[0] as number },
      endtime: (times.at(-1) as number) + 10_000,
    }))
  })
}

export const plain: Readonly<Record<string, (tables: Tables) => readonly Row[]>> = {
  q0: ({ bids }) => bids.map(core),
  q1: ({ bids }) => bids.map((bid) => ({ ...core(bid), price: euros(bid.price) })),
  q2: ({ bids }) => bids.flatMap(({ auction, price }) => (auction % 123 === 0 ? [{ auction, price }] : [])),
  q3: ({ persons, auctions }) =>
    auctions
      .filter(({ category }) => category === 10)
      .flatMap(({ id, seller }) => {
        const some = persons.filter((person) => person.id === seller && /OR|ID|CA/.test(person.state))
        return some.map(({ name, city, state }) => ({ name, city, state, id }))
      }),
  q4(tables) {
    const finals = tables.auctions.flatMap((auction) => {
      const [best] = offers(tables, auction)
      return best === undefined ? [] : [{ category: auction.category, price: best.price }]
    })
    return grouped(finals, ({ category }) => category).map(([id, all]) => ({
      id,
      final: Math.floor(sum(all.map(({ price }) => price)) / all.length),
    }))
  },
  q5,
  q7: ({ bids }) =>
    grouped(bids, ({ dateTime }) => start(dateTime, 10_000)).flatMap(([, all]) =>
      all.filter(({ price }) => price === highest(all.map((bid) => bid.price))).map(core),
    ),
  q8: ({ persons, auctions }) =>
    persons.flatMap(({ id, name, dateTime }) => {
      const stime = start(dateTime, 10_000)
      const sells = auctions.some((auction) => auction.seller === id && start(auction.dateTime, 10_000) === stime)
      return sells ? [{ id, name, stime }] : []
    }),
  q9: (tables) =>
    tables.auctions.flatMap((auction) => {
      const [best] = offers(tables, auction)
      if (best === undefined) return []
      const { auction: of, bidder, price, dateTime, extra } = best
      return [{ ...auction, auction: of, bidder, price, bid_dateTime: dateTime, bid_extra: extra }]
    }),
  q10: ({ bids }) => bids.map((bid) => ({ ...core(bid), dt: day(bid.dateTime), hm: minute(bid.dateTime) })),
  q11,
  q14: ({ bids }) =>
    bids.flatMap((bid) => {
      const [price, at] = [euros(bid.price), hour(bid.dateTime)]
      if (price <= 1_000_000 || price >= 50_000_000) return []
      const bidTimeType = at === 7 || at === 19 ? 'otherTime' : at > 7 && at < 19 ? 'dayTime' : 'nightTime'
      return [{ ...core(bid), price, bidTimeType, c_counts: bid.extra.split('c').length - 1 }]
    }),
  q15: ({ bids }) => grouped(bids, ({ dateTime }) => day(dateTime)).map(([day, all]) => ({ day, ...statistics(all) })),
  q16: ({ bids }) =>
    grouped(bids, ({ channel, dateTime }) => `${channel} ${day(dateTime)}`).map(([name, all]) => ({
      ...{ channel: name.split(' ')[0] as string, day: name.split(' ')[1] as string },
      minute: all
        .map(({ dateTime }) => minute(dateTime))
        .sort()
        .at(-1) as string,
      ...statistics(all),
    })),
  q17: ({ bids }) =>
    grouped(bids, ({ auction, dateTime }) => `${auction} ${day(dateTime)}`).map(([name, all]) => {
      const prices = all.map(({ price }) => price)
      const { total_bids, rank1_bids, rank2_bids, rank3_bids } = statistics(all) as Record<string, number>
      return {
        ...{ auction: Number(name.split(' ')[0]), day: name.split(' ')[1] as string },
        ...({ total_bids, rank1_bids, rank2_bids, rank3_bids } as Row),
        ...{ min_price: Math.min(...prices), max_price: highest(prices), sum_price: sum(prices) },
        avg_price: Math.floor(sum(prices) / prices.length),
      }
    }),
  q18: ({ bids }) =>
    grouped(bids, ({ bidder, auction }) => `${bidder} ${auction}`).map(([, all]) => ({ ...(all.at(-1) as Bid) })),
  q19: ({ bids }) =>
    grouped(bids, ({ auction }) => auction).flatMap(([, all]) =>
      all
        .toSorted((a, b) => b.price - a.price)
        .slice(0, 10)
        .map((bid, at) => ({ ...bid, rank_number: at + 1 })),
    ),
  q20: ({ bids, auctions }) =>
    bids.flatMap(({ extra, dateTime, ...bid }) => {
      const some = auctions.filter(({ id, category }) => id === bid.auction && category === 10)
      return some.map(({ id: _, extra: auction_extra, dateTime: auction_dateTime, ...auction }) => ({
        ...{ ...bid, ...auction, bid_dateTime: dateTime, bid_extra: extra, auction_dateTime, auction_extra },
      }))
    }),
  q21: ({ bids }) =>
    bids.flatMap(({ auction, bidder, price, channel, url }) => {
      const at = ['Apple', 'Google', 'Facebook', 'Baidu'].indexOf(channel)
      const channel_id = at >= 0 ? `${at}` : new URL(url).searchParams.get('channel_id')
      return channel_id === null ? [] : [{ auction, bidder, price, channel, channel_id }]
    }),
  q22: ({ bids }) =>
    bids.map(({ auction, bidder, price, channel, url }) => {
      const [, dir1 = '', dir2 = '', dir3 = ''] = new URL(url).pathname.split('/')
      return { auction, bidder, price, channel, dir1, dir2, dir3 }
    }),
}
