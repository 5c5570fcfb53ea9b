/** Hot items: the auctions with the most bids of the last ten seconds, every two seconds. */
import { flatMap, keyBy, sliding, tumbling, window } from 'rxweft'
import { bidsOf, type Query } from '../query.ts'

const slide = 2_000

interface Count {
  readonly auction: number
  readonly num: number
}

export const q5: Query = (events) =>
  bidsOf(events).pipe(
    keyBy(({ auction }) => auction),
    window(sliding(10_000, slide)).aggregate(
      { create: () => 0, add: (num) => num + 1, result: (num, { key }): Count => ({ auction: key, num }) },
      { id: 'counts' },
    ),
    keyBy(() => 'all'),
    // A count has the last ms of its window as its time, so those of one window meet again.
    window(tumbling(slide)).process((counts: readonly Count[]) => mostOf(counts), { id: 'most' }),
    flatMap((most) => most.map(({ auction, num }) => ({ auction, num }))),
  )

function mostOf(counts: readonly Count[]): readonly Count[] {
  const most = counts.reduce((highest, { num }) => Math.max(highest, num), 0)
  return counts.filter(({ num }) => num === most)
}
