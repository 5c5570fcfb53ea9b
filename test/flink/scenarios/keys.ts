/** Several keys: each has its own windows, all have one watermark. */
import type { Scenario } from '../scenario.ts'
import { at, end, mark } from './events.ts'
import { count, global, session, sliding, tumbling } from './operators.ts'

export const keyScenarios: readonly Scenario[] = [
  {
    name: 'each key has tumbling windows of its own',
    operator: tumbling(10, { function: 'sum' }),
    events: [at(1, 1, 'a'), at(2, 10, 'b'), at(3, 2, 'a'), at(14, 100, 'b'), mark(9), mark(19)],
  },
  {
    name: 'the windows of many keys fire at one watermark, all of the earlier ones first',
    operator: tumbling(10),
    events: [
      ...[at(13, 8, 'b'), at(0, 0, 'd'), at(1, 1, 'a'), at(2, 2, 'c'), at(3, 3, 'e'), at(4, 4, 'b'), at(12, 9, 'a')],
      mark(19),
    ],
  },
  {
    name: 'each key has sessions of its own, which do not merge with those of others',
    operator: session(10),
    events: [at(0, 1, 'a'), at(5, 2, 'b'), at(9, 3, 'a'), at(14, 4, 'b'), at(30, 5, 'a'), mark(18), mark(23), end],
  },
  {
    name: 'each key has sliding windows of its own',
    operator: sliding(10, 5),
    events: [at(1, 1, 'a'), at(6, 2, 'b'), at(7, 3, 'a'), mark(4), mark(9), mark(14)],
  },
  {
    name: 'an element of one key is late for it whatever other keys have seen',
    operator: tumbling(10),
    events: [at(1, 1, 'a'), mark(9), at(5, 2, 'b'), at(5, 3, 'a')],
  },
  {
    name: 'a late element of one key fires its window alone',
    operator: tumbling(10, { allowedLateness: 10 }),
    events: [at(1, 1, 'a'), at(1, 2, 'b'), mark(9), at(5, 3, 'b'), at(5, 4, 'c'), mark(19), at(5, 5, 'a')],
  },
  {
    name: 'each key has a count of its own',
    operator: global({ trigger: count(2, 'purge') }),
    events: [at(1, 1, 'a'), at(2, 2, 'b'), at(3, 3, 'b'), at(4, 4, 'a'), at(5, 5, 'a')],
  },
]
