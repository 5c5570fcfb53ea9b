/** Sliding windows: an element is in several, and may be too late for some of them only. */
import type { Scenario } from '../scenario.ts'
import { at, end, mark } from './events.ts'
import { sliding } from './operators.ts'

export const slidingScenarios: readonly Scenario[] = [
  {
    name: 'an element is in each sliding window that covers it',
    operator: sliding(10, 5),
    events: [at(7, 1), mark(8), mark(9), mark(13), mark(14)],
  },
  {
    name: 'an element at the start of a sliding window is in it, at the end of another it is not',
    operator: sliding(10, 5),
    events: [at(10, 1), mark(9), mark(14), mark(19)],
  },
  {
    name: 'neighbouring sliding windows share elements',
    operator: sliding(10, 5, { function: 'sum' }),
    events: [at(1, 1), at(6, 10), at(11, 100), mark(4), mark(9), mark(14), mark(19)],
  },
  {
    name: 'a watermark that jumps fires sliding windows in order of their ends',
    operator: sliding(10, 5),
    events: [at(11, 1), at(1, 2), at(6, 3), mark(19)],
  },
  {
    name: 'where the size is no multiple of the slide, elements are in different numbers of windows',
    operator: sliding(10, 4),
    events: [at(0, 1), at(1, 2), at(2, 3), at(3, 4), at(4, 5), at(9, 6), end],
  },
  {
    name: 'where the slide is the size, sliding windows are tumbling',
    operator: sliding(10, 10),
    events: [at(0, 1), at(9, 2), at(10, 3), end],
  },
  {
    name: 'a slide of one makes as many windows as the size',
    operator: sliding(3, 1),
    events: [at(5, 1), at(6, 2), end],
  },
  {
    name: 'where the slide is longer than the size, elements in the gap are in no window and are forgotten',
    operator: sliding(5, 10),
    events: [at(4, 1), at(5, 2), at(9, 3), at(10, 4), end],
  },
  {
    name: 'an element in the gap between windows is late once the watermark has reached its timestamp',
    operator: sliding(5, 10),
    events: [mark(6), at(7, 1), at(6, 2), at(5, 3), end],
  },
  {
    name: 'an element in the gap between windows counts as dropped once it is late beyond the lateness',
    operator: sliding(5, 10, { lateOutput: false, allowedLateness: 2 }),
    events: [mark(8), at(7, 1), at(6, 2), at(5, 3), end],
  },
  {
    name: 'an offset moves sliding windows',
    operator: sliding(10, 5, { offset: 2 }),
    events: [at(1, 1), at(2, 2), at(6, 3), at(7, 4), end],
  },
  {
    name: 'a negative offset moves sliding windows to the left',
    operator: sliding(10, 5, { offset: -2 }),
    events: [at(2, 1), at(3, 2), at(7, 3), at(8, 4), end],
  },
  {
    name: 'sliding windows of negative timestamps start below their elements',
    operator: sliding(10, 5),
    events: [at(-1, 1), at(-5, 2), at(-6, 3), at(0, 4), mark(-2), mark(-1), end],
  },
  {
    name: 'sliding windows of negative timestamps with an offset, and a size that is no multiple of the slide',
    operator: sliding(7, 3, { offset: 1 }),
    events: [at(-1, 1), at(-2, 2), at(-3, 3), at(-9, 4), end],
  },
  {
    name: 'an element that is late for its earlier windows only is no late element',
    operator: sliding(10, 5),
    events: [at(7, 1), mark(9), at(8, 2), mark(14)],
  },
  {
    name: 'an element that is late for all of its sliding windows is late',
    operator: sliding(10, 5),
    events: [at(7, 1), mark(14), at(8, 2), at(10, 3), end],
  },
  {
    name: 'within the lateness an element fires those of its windows that have fired, and waits in the others',
    operator: sliding(10, 5, { allowedLateness: 3 }),
    events: [at(7, 1), mark(9), at(8, 2), mark(12), at(6, 3), mark(13), at(5, 4), mark(14), end],
  },
  {
    name: 'an element within the lateness fires all of its windows that have fired at once',
    operator: sliding(15, 5, { allowedLateness: 100 }),
    events: [at(12, 1), mark(30), at(11, 2), end],
  },
  {
    name: 'an element beyond the lateness of its first window, within that of its second',
    operator: sliding(10, 5, { allowedLateness: 2, function: 'sum' }),
    events: [at(7, 1), mark(11), at(7, 10), mark(16), at(7, 100), at(11, 1000), end],
  },
]
