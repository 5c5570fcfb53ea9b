/**
 * Snapshot and restore in the middle. Flink forgets the watermark: until the source says it again, elements are late for nothing.
 */
import type { Scenario } from '../scenario.ts'
import { at, end, left, mark, marks, noTimer, restart, right, timer } from './events.ts'
import { between, count, session, sliding, tumbling, windowJoin } from './operators.ts'

export const restoreScenarios: readonly Scenario[] = [
  {
    name: 'a tumbling window goes on after a restore',
    operator: tumbling(10),
    events: [at(1, 1), mark(3), restart, mark(3), at(2, 2), mark(9)],
  },
  {
    name: 'a tumbling sum goes on after a restore',
    operator: tumbling(10, { function: 'sum' }),
    events: [at(1, 1), at(11, 100), restart, at(2, 10), mark(9), restart, mark(9), mark(19)],
  },
  {
    name: 'sliding windows go on after a restore',
    operator: sliding(10, 5),
    events: [at(7, 1), mark(9), restart, mark(9), at(8, 2), mark(14)],
  },
  {
    name: 'a session grows on after a restore',
    operator: session(10),
    events: [at(0, 1), restart, at(9, 2), restart, at(18, 3), mark(27)],
  },
  {
    name: 'two sessions of before a restore are merged after it',
    operator: session(10, { function: 'sum' }),
    events: [at(0, 1), at(15, 2), restart, at(8, 4), mark(24)],
  },
  {
    name: 'sessions that were merged before a restore fire once, at their end',
    operator: session(10),
    events: [at(0, 1), at(15, 2), at(8, 3), restart, mark(9), mark(17), restart, mark(17), mark(24), end],
  },
  {
    name: 'a session that was merged before a restore takes its elements after it',
    operator: session(10, { function: 'sum' }),
    events: [at(0, 1), at(15, 2), at(8, 4), restart, at(16, 8), at(-9, 16), restart, mark(25), end],
  },
  {
    name: 'a session that has fired takes late elements after a restore',
    operator: session(10, { allowedLateness: 20 }),
    events: [at(0, 1), at(15, 2), mark(24), restart, mark(24), at(8, 3), mark(44), at(8, 4), end],
  },
  {
    name: 'a window that has fired fires again for a late element after a restore',
    operator: tumbling(10, { allowedLateness: 10 }),
    events: [at(1, 1), mark(9), restart, mark(9), at(2, 2), mark(19), restart, mark(19), at(3, 3)],
  },
  {
    name: 'a restored window that has fired does not fire again by itself',
    operator: tumbling(10, { allowedLateness: 10 }),
    events: [at(1, 1), mark(9), restart, mark(9), mark(18), restart, mark(19), end],
  },
  {
    name: 'until the watermark is known again nothing is late, so a window that had fired comes out twice',
    operator: tumbling(10),
    events: [at(1, 1), mark(9), at(2, 2), restart, at(3, 3), mark(9), at(4, 4)],
  },
  {
    name: 'until the watermark is known again late elements within the lateness wait for it',
    operator: tumbling(10, { allowedLateness: 10 }),
    events: [at(1, 1), mark(9), restart, at(2, 2), at(3, 3), mark(9), at(4, 4)],
  },
  {
    name: 'after a restore a watermark may be lower than before',
    operator: tumbling(10),
    events: [at(1, 1), at(11, 2), mark(9), restart, mark(4), mark(9), mark(19)],
  },
  {
    name: 'a restore of nothing',
    operator: session(10),
    events: [restart, at(1, 1), mark(10), restart, restart, mark(10), at(2, 2), end],
  },
  {
    name: 'the count of a session goes on after a restore and a merge',
    operator: session(10, { trigger: count(3, 'keep') }),
    events: [at(0, 1), at(15, 2), restart, at(8, 3), at(9, 4), restart, at(10, 5), at(11, 6), end],
  },
  {
    name: 'an interval join finds elements of before a restore',
    operator: between(-5, 5),
    events: [
      left(10, 1),
      right(12, 2),
      restart,
      right(14, 3),
      left(8, 4),
      ...marks(16),
      restart,
      ...marks(16),
      right(15, 5),
      right(16, 6),
    ],
  },
  {
    name: 'until the watermark is known again an interval join takes elements that were late',
    operator: between(-5, 5),
    events: [
      left(10, 1),
      ...marks(12),
      right(11, 2),
      restart,
      right(11, 3),
      mark(12, 0),
      right(11, 4),
      mark(12, 1),
      right(11, 5),
    ],
  },
  {
    name: 'a window join finds elements of before a restore',
    operator: windowJoin({ type: 'tumbling', size: 10, offset: 0 }),
    events: [left(1, 1), restart, right(2, 2), left(3, 3), restart, ...marks(9)],
  },
  {
    name: 'timers fire after a restore, and those that were deleted do not',
    operator: { kind: 'eventTimers' },
    events: [
      timer(5),
      timer(7),
      timer(9, 'b'),
      noTimer(7),
      mark(3),
      restart,
      mark(3),
      mark(6),
      restart,
      timer(9),
      mark(9),
    ],
  },
]
