/** Interval joins: the bounds, late elements, and how long elements are kept. */
import type { Scenario } from '../scenario.ts'
import { active, idle, left, mark, marks, right } from './events.ts'
import { between } from './operators.ts'

/** Right elements around both bounds of a left one at 100, for bounds of -10 and 20. */
const around = [89, 90, 91, 119, 120, 121].map((timestamp, index) => right(timestamp, index + 1))

export const intervalJoinScenarios: readonly Scenario[] = [
  {
    name: 'both bounds of an interval join are inclusive',
    operator: between(-10, 20),
    events: [left(100, 0), ...around],
  },
  {
    name: 'the bounds are the same where the left element comes last',
    operator: between(-10, 20),
    events: [...around, left(100, 0)],
  },
  {
    name: 'a lower bound that is exclusive',
    operator: between(-10, 20, { lowerInclusive: false }),
    events: [left(100, 0), ...around, left(100, 9)],
  },
  {
    name: 'an upper bound that is exclusive',
    operator: between(-10, 20, { upperInclusive: false }),
    events: [left(100, 0), ...around, left(100, 9)],
  },
  {
    name: 'both bounds exclusive',
    operator: between(-10, 20, { lowerInclusive: false, upperInclusive: false }),
    events: [left(100, 0), ...around, left(100, 9)],
  },
  {
    name: 'bounds of zero join equal timestamps',
    operator: between(0, 0),
    events: [left(5, 1), right(4, 2), right(5, 3), right(6, 4), left(4, 5)],
  },
  {
    name: 'both bounds after the left element',
    operator: between(5, 10),
    events: [left(0, 1), right(4, 2), right(5, 3), right(10, 4), right(11, 5)],
  },
  {
    name: 'both bounds before the left element',
    operator: between(-10, -5),
    events: [left(20, 1), right(9, 2), right(10, 3), right(15, 4), right(16, 5)],
  },
  {
    name: 'a result has the later of both timestamps',
    operator: between(-10, 10),
    events: [left(10, 1), right(5, 2), right(15, 3), right(10, 4)],
  },
  {
    name: 'each pair comes out once, as soon as both are there',
    operator: between(-10, 10),
    events: [left(1, 1), left(2, 2), right(3, 3), right(4, 4), left(5, 5), ...marks(100)],
  },
  {
    name: 'elements of equal timestamps and values are all joined',
    operator: between(0, 5),
    events: [left(1, 1), left(1, 1), right(2, 2), right(2, 2), left(1, 1)],
  },
  {
    name: 'only elements of one key are joined',
    operator: between(-10, 10),
    events: [left(1, 1, 'a'), right(1, 2, 'b'), right(1, 3, 'a'), left(1, 4, 'b'), left(1, 5, 'c')],
  },
  {
    name: 'the watermark of an interval join is the lower one of both inputs',
    operator: between(-10, 10),
    events: [mark(5, 0), mark(3, 1), mark(4, 1), mark(9, 1), mark(7, 0), mark(6, 0), mark(9, 0)],
  },
  {
    name: 'an element of an interval join is late when it is behind the watermark, and not when it is at it',
    operator: between(-10, 10),
    events: [left(10, 1), ...marks(12), right(11, 2), right(12, 3), right(13, 4), left(11, 5), left(12, 6)],
  },
  {
    name: 'a late element is not joined, whichever input it is of',
    operator: between(-10, 10),
    events: [left(20, 1), right(20, 2), ...marks(15), left(14, 3), right(14, 4), left(15, 5)],
  },
  {
    name: 'late elements of an interval join without a side output are dropped',
    operator: between(-10, 10, { lateOutput: false }),
    events: [left(20, 1), ...marks(15), right(14, 2), right(15, 3), left(14, 4)],
  },
  {
    name: 'an element is late only by the lower watermark of both inputs',
    operator: between(-10, 10),
    events: [left(20, 1), mark(15, 0), right(14, 2), mark(10, 1), right(9, 3), right(10, 4)],
  },
  {
    name: 'a left element is forgotten when the watermark reaches its timestamp plus the upper bound, which is not yet late',
    operator: between(0, 10),
    events: [left(10, 1), ...marks(19), right(20, 2), ...marks(20), right(20, 3)],
  },
  {
    name: 'a right element is forgotten when the watermark reaches its timestamp minus the lower bound, which is not yet late',
    operator: between(-10, 0),
    events: [right(10, 1), ...marks(19), left(20, 2), ...marks(20), left(20, 3)],
  },
  {
    name: 'a left element with an exclusive upper bound is forgotten a millisecond earlier',
    operator: between(0, 10, { upperInclusive: false }),
    events: [left(10, 1), ...marks(18), right(19, 2), ...marks(19), right(19, 3)],
  },
  {
    name: 'with both bounds after the left element, one at the watermark still finds its right element',
    operator: between(5, 10),
    events: [right(20, 1), ...marks(14), left(15, 2), ...marks(15), left(15, 3), left(16, 4)],
  },
  {
    name: 'with both bounds before the left element, a right one at the watermark still finds it',
    operator: between(-10, -5),
    events: [left(20, 1), ...marks(14), right(15, 2), ...marks(15), right(15, 3)],
  },
  {
    name: 'elements that are forgotten are forgotten for all of their timestamp',
    operator: between(0, 5),
    events: [left(10, 1), left(10, 2), left(11, 3), ...marks(15), right(15, 4), ...marks(16), right(16, 5)],
  },
  {
    name: 'an interval join of negative timestamps',
    operator: between(-3, 3),
    events: [left(-10, 1), right(-13, 2), right(-7, 3), right(-14, 4), ...marks(-8), right(-8, 5), right(-9, 6)],
  },
  {
    name: 'an interval join has one window around each element, so elements are joined many times',
    operator: between(-100, 100),
    events: [left(1, 1), left(50, 2), right(60, 3), left(90, 4), right(2, 5), right(99, 6)],
  },
  {
    name: 'an idle input holds back no watermark',
    operator: between(-10, 10),
    events: [mark(5, 0), idle(1), mark(9, 0), active(1), mark(12, 0), mark(7, 1), mark(11, 1)],
  },
  {
    name: 'both inputs idle are an idle output, and one of them active again is an active one',
    operator: between(-10, 10),
    events: [mark(5, 0), mark(3, 1), idle(0), idle(1), active(0), mark(8, 0), active(1), mark(9, 1)],
  },
  {
    name: 'an idle input whose elements come all the same',
    operator: between(-10, 10),
    events: [
      mark(5, 0),
      idle(1),
      mark(20, 0),
      right(19, 1),
      right(20, 2),
      left(25, 3),
      active(1),
      right(21, 4),
      mark(21, 1),
    ],
  },
  {
    name: 'both inputs must end',
    operator: between(0, 1000),
    events: [
      left(1, 1),
      mark(Number.POSITIVE_INFINITY, 0),
      right(2, 2),
      mark(50, 1),
      right(51, 3),
      mark(Number.POSITIVE_INFINITY, 1),
      right(60, 4),
    ],
  },
]
