/** Late elements: exactly when they are late, what becomes of them, and what they fire. */
import type { Scenario } from '../scenario.ts'
import { at, end, mark } from './events.ts'
import { tumbling } from './operators.ts'

export const latenessScenarios: readonly Scenario[] = [
  {
    name: 'an element whose timestamp is the watermark is not late while its window is open',
    operator: tumbling(10),
    events: [mark(5), at(5, 1), mark(9)],
  },
  {
    name: 'an element behind the watermark is not late while its window is open',
    operator: tumbling(10),
    events: [mark(8), at(2, 1), mark(9)],
  },
  {
    name: 'an element is late as soon as the watermark has reached the last millisecond of its window',
    operator: tumbling(10),
    events: [mark(9), at(9, 1), at(0, 2), at(10, 3), end],
  },
  {
    name: 'without a side output late elements are dropped and counted',
    operator: tumbling(10, { lateOutput: false }),
    events: [at(5, 1), mark(9), at(5, 2), at(6, 3), at(10, 4), end],
  },
  {
    name: 'with a side output late elements are not counted as dropped',
    operator: tumbling(10),
    events: [at(5, 1), mark(9), at(5, 2), at(6, 3), end],
  },
  {
    name: 'each element within the lateness fires its window once more, with all elements so far',
    operator: tumbling(10, { allowedLateness: 5 }),
    events: [at(1, 1), at(2, 2), mark(9), at(3, 3), at(4, 4), mark(13), at(5, 5), end],
  },
  {
    name: 'an element within the lateness fires a sum once more',
    operator: tumbling(10, { allowedLateness: 5, function: 'sum' }),
    events: [at(1, 1), mark(9), at(3, 10), at(4, 100), end],
  },
  {
    name: 'a window is gone when the watermark reaches its last millisecond plus the lateness',
    operator: tumbling(10, { allowedLateness: 5 }),
    events: [at(1, 1), mark(13), at(2, 2), mark(14), at(3, 3), end],
  },
  {
    name: 'a watermark that jumps beyond the lateness fires the window once, and closes it',
    operator: tumbling(10, { allowedLateness: 5 }),
    events: [at(1, 1), mark(50), at(2, 2), end],
  },
  {
    name: 'the watermark at the end of the lateness fires nothing',
    operator: tumbling(10, { allowedLateness: 5 }),
    events: [at(1, 1), mark(9), mark(14), end],
  },
  {
    name: 'within the lateness the first element of a window fires it at once',
    operator: tumbling(10, { allowedLateness: 5 }),
    events: [mark(12), at(1, 1), at(2, 2), end],
  },
  {
    name: 'beyond the lateness without a side output elements are dropped and counted',
    operator: tumbling(10, { allowedLateness: 5, lateOutput: false }),
    events: [at(1, 1), mark(9), at(2, 2), mark(14), at(3, 3), at(4, 4), end],
  },
  {
    name: 'an element may be older than watermark minus lateness and still in time for its window',
    operator: tumbling(10, { allowedLateness: 2 }),
    events: [mark(8), at(0, 1), mark(10), at(0, 2), mark(11), at(0, 3), end],
  },
  {
    name: 'late elements of several windows, some within the lateness',
    operator: tumbling(10, { allowedLateness: 10 }),
    events: [at(5, 1), at(15, 2), at(25, 3), mark(25), at(6, 4), at(16, 5), at(26, 6), end],
  },
  {
    name: 'the timestamp of a late element is kept at the side',
    operator: tumbling(10),
    events: [mark(100), at(3, 7, 'b'), at(-3, 8, 'a'), at(99, 9, 'c')],
  },
  {
    name: 'a result that a late element fires has the timestamp of its window, which is behind the watermark',
    operator: tumbling(10, { allowedLateness: 1000 }),
    events: [mark(500), at(3, 1), at(25, 2)],
  },
]
