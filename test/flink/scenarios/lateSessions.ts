/** Sessions with allowed lateness: those that have fired live on, and may grow, merge and fire again. */
import type { Scenario } from '../scenario.ts'
import { at, end, mark } from './events.ts'
import { count, session } from './operators.ts'

export const lateSessionScenarios: readonly Scenario[] = [
  {
    name: 'a late element inside a session that has fired fires it again',
    operator: session(10, { allowedLateness: 10 }),
    events: [at(0, 1), at(9, 2), mark(18), at(4, 3), end],
  },
  {
    name: 'each late element fires its session once more, with all elements so far',
    operator: session(10, { allowedLateness: 10, function: 'sum' }),
    events: [at(0, 1), mark(9), at(0, 10), at(0, 100), at(0, 1000), end],
  },
  {
    name: 'an element that extends a session that has fired beyond the watermark waits for the new end',
    operator: session(10, { allowedLateness: 10 }),
    events: [at(0, 1), mark(9), at(8, 2), mark(16), mark(17)],
  },
  {
    name: 'an element that extends a session that has fired, but not beyond the watermark, fires it at once',
    operator: session(10, { allowedLateness: 10 }),
    events: [at(0, 1), mark(12), at(2, 2), end],
  },
  {
    name: 'an element that extends a session that has fired to the left fires it at once',
    operator: session(10, { allowedLateness: 10 }),
    events: [at(5, 1), mark(14), at(-3, 2), end],
  },
  {
    name: 'two sessions that have fired are merged by a late element, and fire as one',
    operator: session(10, { allowedLateness: 20 }),
    events: [at(0, 1), at(15, 2), mark(24), at(8, 3), end],
  },
  {
    name: 'a session that has fired merges with one that has not, and fires again as a whole',
    operator: session(10, { allowedLateness: 20 }),
    events: [at(0, 1), at(15, 2), mark(9), at(8, 3), mark(23), mark(24)],
  },
  {
    name: 'a late element that is no part of any session is a session of its own and fires at once',
    operator: session(10, { allowedLateness: 20 }),
    events: [at(30, 1), mark(25), at(4, 2), at(15, 3), end],
  },
  {
    name: 'the last moment at which a session takes late elements is before its end plus the lateness',
    operator: session(10, { allowedLateness: 5 }),
    events: [at(0, 1), mark(13), at(0, 2), mark(14), at(0, 3), end],
  },
  {
    name: 'a merged session lives until its own end plus the lateness',
    operator: session(10, { allowedLateness: 5 }),
    events: [at(0, 1), mark(12), at(7, 2), mark(20), at(0, 3), mark(21), at(0, 4), at(-50, 5), end],
  },
  {
    name: 'an element too late by itself joins a session that waits only for late ones',
    operator: session(10, { allowedLateness: 5 }),
    events: [at(10, 1), mark(22), at(3, 2), mark(24), at(3, 3), end],
  },
  {
    name: 'late elements of sessions without a side output are counted',
    operator: session(10, { allowedLateness: 5, lateOutput: false }),
    events: [at(20, 1), mark(30), at(0, 2), at(1, 3), at(15, 4), end, at(100, 5)],
  },
  {
    name: 'a late session that is over and one that is not, merged by one element, three ways',
    operator: session(10, { allowedLateness: 30, function: 'sum' }),
    events: [at(0, 1), mark(9), at(18, 2), mark(27), at(36, 4), at(9, 8), at(27, 16), mark(45), end],
  },
  {
    name: 'a session that counts fires at each count, and not at its end',
    operator: session(10, { trigger: count(2, 'keep') }),
    events: [at(0, 1), at(5, 2), at(8, 3), at(9, 4), at(12, 5), mark(21), at(30, 6), end],
  },
  {
    name: 'a session that counts and purges begins anew at each count',
    operator: session(10, { trigger: count(2, 'purge') }),
    events: [at(0, 1), at(5, 2), at(8, 3), at(9, 4), at(12, 5), mark(21), end],
  },
  {
    name: 'the counts of merging sessions are added, and looked at with the element that merged them',
    operator: session(10, { trigger: count(3, 'keep') }),
    events: [at(0, 1), at(15, 2), at(8, 3), at(9, 4), end],
  },
  {
    name: 'counts that merge to more than the count fire once',
    operator: session(10, { trigger: count(3, 'keep') }),
    events: [at(0, 1), at(1, 2), at(15, 3), at(16, 4), at(8, 5), at(9, 6), end],
  },
]
