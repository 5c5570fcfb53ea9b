/** Timestamps near the last whole number that JavaScript can count to, and far below zero. */
import type { Scenario } from '../scenario.ts'
import { at, end, left, mark, marks, right, timer } from './events.ts'
import { between, session, sliding, tumbling } from './operators.ts'

/** 2^53 - 1000 */
const far = 2 ** 53 - 1000

export const extremeScenarios: readonly Scenario[] = [
  {
    name: 'tumbling windows near 2^53',
    operator: tumbling(10),
    events: [at(far, 1), at(far + 9, 2), at(far + 10, 3), mark(far + 1), mark(far + 20), end],
  },
  {
    name: 'tumbling windows with an offset near 2^53',
    operator: tumbling(100, { offset: 7 }),
    events: [at(far, 1), at(far + 99, 2), at(far + 199, 3), mark(far + 100), end],
  },
  {
    name: 'sliding windows near 2^53',
    operator: sliding(10, 4),
    events: [at(far, 1), at(far + 3, 2), at(far + 9, 3), mark(far + 8), end],
  },
  {
    name: 'sessions near 2^53',
    operator: session(100, { function: 'sum' }),
    events: [at(far, 1), at(far + 150, 2), at(far + 75, 4), mark(far + 249), end],
  },
  {
    name: 'late elements near 2^53',
    operator: tumbling(10, { allowedLateness: 500 }),
    events: [at(far, 1), mark(far + 300), at(far, 2), mark(far + 600), at(far, 3), end],
  },
  {
    name: 'tumbling windows of a day far in the past',
    operator: tumbling(86_400_000, { function: 'sum' }),
    events: [at(-62_135_596_800_000, 1), at(-62_135_596_800_001, 2), at(-1, 4), mark(-62_135_596_800_001), end],
  },
  {
    name: 'windows far below zero',
    operator: tumbling(1000),
    events: [at(-far, 1), at(-far + 1, 2), mark(-far + 1000), end],
  },
  {
    name: 'a lateness near 2^53 keeps windows all that time',
    operator: tumbling(10, { allowedLateness: far }),
    events: [at(5, 1), mark(9), mark(far - 100), at(6, 2), end, at(7, 3)],
  },
  {
    name: 'an interval join near 2^53',
    operator: between(-50, 50),
    events: [
      left(far, 1),
      right(far + 50, 2),
      right(far + 51, 3),
      right(far - 50, 4),
      ...marks(far + 100),
      ...marks(far + 200),
    ],
  },
  {
    name: 'timers near 2^53 and far below zero',
    operator: { kind: 'eventTimers' },
    events: [timer(far), timer(-far), mark(-far - 1), mark(-far), mark(far - 1), mark(far), end],
  },
]
