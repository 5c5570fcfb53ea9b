/** Tumbling windows: which window an element is in, and when it fires. */
import type { Scenario } from '../scenario.ts'
import { at, end, mark } from './events.ts'
import { tumbling } from './operators.ts'

export const tumblingScenarios: readonly Scenario[] = [
  {
    name: 'a tumbling window fires when the watermark reaches its last millisecond',
    operator: tumbling(10),
    events: [at(3, 1), at(9, 2), mark(8), mark(9)],
  },
  {
    name: 'an element exactly at the end of a window belongs to the next one',
    operator: tumbling(10),
    events: [at(9, 1), at(10, 2), mark(9), mark(18), mark(19)],
  },
  {
    name: 'an element exactly at the start of a window belongs to it',
    operator: tumbling(10),
    events: [at(0, 1), at(20, 2), mark(9), mark(29)],
  },
  {
    name: 'elements out of order are in the windows of their own timestamps, in order of arrival',
    operator: tumbling(10),
    events: [at(17, 1), at(4, 2), at(12, 3), at(1, 4), mark(9), at(11, 5), mark(19)],
  },
  {
    name: 'a watermark that jumps fires all windows that it passes, the earliest first',
    operator: tumbling(10),
    events: [at(25, 1), at(5, 2), at(15, 3), at(35, 4), mark(29), mark(39)],
  },
  {
    name: 'there is no window where there is no element',
    operator: tumbling(10),
    events: [at(5, 1), at(45, 2), mark(9), mark(19), mark(29), mark(39), mark(49)],
  },
  {
    name: 'without elements only watermarks pass',
    operator: tumbling(10),
    events: [mark(9), mark(100), end],
  },
  {
    name: 'elements of equal timestamps are all kept, in order of arrival',
    operator: tumbling(10),
    events: [at(5, 3), at(5, 1), at(5, 2), at(5, 1), mark(9)],
  },
  {
    name: 'a tumbling window sums as its elements arrive',
    operator: tumbling(10, { function: 'sum' }),
    events: [at(1, 5), at(2, 7), at(11, 100), mark(9), at(12, 1), mark(19)],
  },
  {
    name: 'a sum of nothing but zeros comes out',
    operator: tumbling(10, { function: 'sum' }),
    events: [at(1, 0), at(2, 0), at(11, 5), at(12, -5), mark(19)],
  },
  {
    name: 'windows of one millisecond hold the elements of one timestamp',
    operator: tumbling(1),
    events: [at(5, 1), at(6, 2), at(5, 3), mark(4), mark(5), mark(6)],
  },
  {
    name: 'an offset moves the windows to the right',
    operator: tumbling(10, { offset: 3 }),
    events: [at(2, 1), at(3, 2), at(12, 3), at(13, 4), mark(2), mark(12), mark(22)],
  },
  {
    name: 'a negative offset moves the windows to the left',
    operator: tumbling(10, { offset: -3 }),
    events: [at(6, 1), at(7, 2), at(16, 3), at(17, 4), mark(6), mark(16), mark(26)],
  },
  {
    name: 'windows of negative timestamps start below their elements',
    operator: tumbling(10),
    events: [at(-1, 1), at(-10, 2), at(-11, 3), at(0, 4), mark(-11), mark(-1), mark(9)],
  },
  {
    name: 'windows of negative timestamps with an offset start below their elements',
    operator: tumbling(10, { offset: 4 }),
    events: [at(-6, 1), at(-7, 2), at(-16, 3), at(3, 4), at(4, 5), mark(-7), mark(3), mark(13)],
  },
  {
    name: 'windows of negative timestamps with a negative offset start below their elements',
    operator: tumbling(10, { offset: -4 }),
    events: [at(-4, 1), at(-5, 2), at(-14, 3), at(-15, 4), at(5, 5), at(6, 6), end],
  },
  {
    name: 'the end of the input fires every window',
    operator: tumbling(10),
    events: [at(5, 1), at(15, 2), at(1_000_000, 3), end],
  },
  {
    name: 'the end of the input forgives nothing: what comes after it is late',
    operator: tumbling(10, { allowedLateness: 100 }),
    events: [at(5, 1), end, at(6, 2), at(1_000_000, 3)],
  },
]
