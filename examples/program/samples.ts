/**
 * What examples read where their topics are empty: by example and topic, values as they are if they are strings, else as JSON. In the order of
 * these topics, which is that in which a job that needs several will find them.
 */

const noon = Date.UTC(2025, 0, 1, 12)
const minute = 60_000
const day = 24 * 60 * minute

export type Sample = Readonly<Record<string, readonly unknown[]>>

export const samples: Readonly<Record<string, Sample>> = {
  wordCount: {
    lines: ['To be, or not to be, that is the question:', "Whether 'tis nobler in the mind to suffer"],
  },
  sessions: {
    clicks: [
      { user: 'bob', page: 'home', at: noon - 10 * minute },
      { user: 'ada', page: 'home', at: noon },
      { user: 'ada', page: 'cart', at: noon + 30 * minute + 5_000 },
      // Out of order, and in time: with it, it is one visit.
      { user: 'ada', page: 'shoes', at: noon + 30 * minute - 2_000 },
      // Half an hour has long passed since he was there.
      { user: 'bob', page: 'help', at: noon - 9 * minute },
    ],
  },
  enrichment: {
    orders: [
      { customer: 0, item: 'book' },
      { customer: 2, item: 'lamp' },
      { customer: 1, item: 'desk' },
      { customer: 0, item: 'pen' },
    ],
  },
  dedupe: {
    events: [
      { id: 'order 1', sender: 'shop', at: noon },
      { id: 'order 2', sender: 'shop', at: noon + minute },
      { id: 'order 1', sender: 'shop', at: noon + 2 * minute },
      { id: 'order 1', sender: 'market', at: noon + 3 * minute },
      { id: 'order 2', sender: 'shop', at: noon + 2 * day },
    ],
  },
}
