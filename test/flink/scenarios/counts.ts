/** The count trigger, on global windows and on windows of time. */
import type { Scenario } from '../scenario.ts'
import { at, end, mark, restart } from './events.ts'
import { count, global, sliding, tumbling } from './operators.ts'

export const countScenarios: readonly Scenario[] = [
  {
    name: 'a global window that counts and purges gives batches',
    operator: global({ trigger: count(3, 'purge') }),
    events: [at(5, 1), at(1, 2), at(3, 3), at(2, 4), at(9, 5), at(8, 6), at(7, 7), end],
  },
  {
    name: 'a global window that counts without purging keeps everything',
    operator: global({ trigger: count(2, 'keep') }),
    events: [at(5, 1), at(1, 2), at(3, 3), at(2, 4), at(9, 5), end],
  },
  {
    name: 'a global window that counts and purges sums by batch',
    operator: global({ trigger: count(2, 'purge'), function: 'sum' }),
    events: [at(5, 1), at(1, 10), at(3, 100), at(2, 1000), at(9, 10_000), end],
  },
  {
    name: 'a global window that counts without purging sums up',
    operator: global({ trigger: count(2, 'keep'), function: 'sum' }),
    events: [at(5, 1), at(1, 10), at(3, 100), at(2, 1000), end],
  },
  {
    name: 'a count of one fires for each element',
    operator: global({ trigger: count(1, 'purge') }),
    events: [at(5, 1), at(1, 2), mark(10), at(3, 3)],
  },
  {
    name: 'nothing is late for a global window',
    operator: global({ trigger: count(2, 'purge') }),
    events: [mark(100), at(5, 1), at(1, 2), end, at(3, 3), at(4, 4)],
  },
  {
    name: 'a global window that waits for the watermark fires at the end of the input',
    operator: global(),
    events: [at(5, 1), at(1, 2), mark(1_000_000), end, at(3, 3)],
  },
  {
    name: 'a tumbling window that counts fires at the count, and what is left at its end is dropped without a word',
    operator: tumbling(10, { trigger: count(2, 'purge') }),
    events: [at(1, 1), at(2, 2), at(3, 3), mark(9), at(11, 4), end],
  },
  {
    name: 'a tumbling window that counts without purging fires with everything so far',
    operator: tumbling(10, { trigger: count(2, 'keep') }),
    events: [at(1, 1), at(2, 2), at(3, 3), at(4, 4), at(5, 5), mark(9), end],
  },
  {
    name: 'a tumbling window that counts has a count for each window',
    operator: tumbling(10, { trigger: count(2, 'purge') }),
    events: [at(1, 1), at(11, 2), at(12, 3), at(2, 4), end],
  },
  {
    name: 'a late element is counted and does not fire by itself where the window counts',
    operator: tumbling(10, { trigger: count(2, 'keep'), allowedLateness: 10 }),
    events: [at(1, 1), mark(9), at(2, 2), at(3, 3), at(4, 4), mark(19), at(5, 5), end],
  },
  {
    name: 'sliding windows that count fire each for itself',
    operator: sliding(10, 5, { trigger: count(2, 'keep') }),
    events: [at(2, 1), at(7, 2), at(8, 3), at(12, 4), end],
  },
  {
    name: 'sliding windows that count and purge fire each for itself',
    operator: sliding(10, 5, { trigger: count(2, 'purge'), function: 'sum' }),
    events: [at(6, 1), at(7, 10), at(8, 100), at(12, 1000), end],
  },
  {
    name: 'a count goes on after a restore',
    operator: global({ trigger: count(3, 'purge') }),
    events: [at(1, 1), at(2, 2), restart, at(3, 3), at(4, 4), restart, at(5, 5), at(6, 6)],
  },
]
