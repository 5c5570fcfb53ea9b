/**
 * Samples for examples whose topics are empty, by example and topic; each record with its
 * timestamp.
 */

/** Strings unchanged, other values as JSON. */
export type SampleRecord = readonly [timestamp: number, value: unknown]
export type Sample = Readonly<Record<string, readonly SampleRecord[]>>

const noon = Date.UTC(2025, 0, 1, 12)
const minute = 60_000
const day = 24 * 60 * minute

const click = (user: string, page: string, at: number): SampleRecord => [at, { user, page, at }]

export const samples: Readonly<Record<string, Sample>> = {
  wordCount: {
    lines: [
      [noon, 'To be, or not to be, that is the question:'],
      [noon, "Whether 'tis nobler in the mind to suffer"],
    ],
  },
  manyCores: {
    lines: [
      [noon, 'To be, or not to be, that is the question:'],
      [noon, "Whether 'tis nobler in the mind to suffer"],
    ],
  },
  sessions: {
    clicks: [
      click('bob', 'home', noon - 10 * minute),
      click('ada', 'home', noon),
      click('ada', 'cart', noon + 30 * minute + 5_000),
      // Out of order but not late: it makes the two one visit.
      click('ada', 'shoes', noon + 30 * minute - 2_000),
      // Late: the visit ended long ago.
      click('bob', 'help', noon - 9 * minute),
    ],
  },
  fraudRules: {
    payments: [
      [noon, { card: 'gold', amount: 300 }],
      [noon + minute, { card: 'blue', amount: 700 }],
      [noon + 4 * minute, { card: 'gold', amount: 800 }],
      [noon + 20 * minute, { card: 'blue', amount: 700 }],
      // Caught by the second rule, which did not apply before.
      [noon + 40 * minute, { card: 'gold', amount: 600 }],
    ],
    rules: [
      [noon - day, { name: 'much in ten minutes', limit: 1_000, within: 10 * minute }],
      [noon + 30 * minute, { name: 'much at once', limit: 500, within: 1 }],
    ],
  },
  enrichment: {
    orders: [
      [noon, { customer: 0, item: 'book' }],
      [noon, { customer: 2, item: 'lamp' }],
      [noon, { customer: 1, item: 'desk' }],
      [noon, { customer: 0, item: 'pen' }],
    ],
  },
  dedupe: {
    events: [
      [noon, { id: 'order 1', sender: 'shop' }],
      [noon + minute, { id: 'order 2', sender: 'shop' }],
      [noon + 2 * minute, { id: 'order 1', sender: 'shop' }],
      // From another sender.
      [noon + 3 * minute, { id: 'order 1', sender: 'market' }],
      // Seen so long ago that its id has expired.
      [noon + 2 * day, { id: 'order 2', sender: 'shop' }],
    ],
  },
}
