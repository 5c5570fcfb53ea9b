/** Window joins: every pair of a window comes out when it fires. */
import type { Assigner, Scenario } from '../scenario.ts'
import { active, idle, left, mark, marks, right } from './events.ts'
import { windowJoin } from './operators.ts'

const ten: Assigner = { type: 'tumbling', size: 10, offset: 0 }
const sliding: Assigner = { type: 'sliding', size: 10, slide: 5, offset: 0 }
const sessions: Assigner = { type: 'session', gap: 10 }

export const windowJoinScenarios: readonly Scenario[] = [
  {
    name: 'a window join pairs all left elements with all right ones of a window',
    operator: windowJoin(ten),
    events: [left(1, 1), left(2, 2), right(3, 3), right(4, 4), ...marks(9)],
  },
  {
    name: 'elements of different windows are not joined, however near they are',
    operator: windowJoin(ten),
    events: [left(9, 1), right(10, 2), ...marks(19)],
  },
  {
    name: 'a window with elements of one side only says nothing',
    operator: windowJoin(ten),
    events: [left(1, 1), left(2, 2), right(13, 3), ...marks(19)],
  },
  {
    name: 'only elements of one key are joined in a window',
    operator: windowJoin(ten),
    events: [left(1, 1, 'a'), right(1, 2, 'b'), right(1, 3, 'a'), left(2, 4, 'b'), left(2, 5, 'c'), ...marks(9)],
  },
  {
    name: 'the window fires at the lower watermark of both inputs',
    operator: windowJoin(ten),
    events: [left(1, 1), right(2, 2), mark(15, 0), mark(8, 1), mark(9, 1), mark(30, 1)],
  },
  {
    name: 'a pair is in each sliding window that covers both',
    operator: windowJoin(sliding),
    events: [left(6, 1), right(8, 2), right(11, 3), ...marks(9), ...marks(14), ...marks(19)],
  },
  {
    name: 'sessions of a window join are made of the elements of both sides',
    operator: windowJoin(sessions),
    events: [left(0, 1), right(8, 2), left(16, 3), right(40, 4), ...marks(25), ...marks(49)],
  },
  {
    name: 'a right element merges two sessions of left ones',
    operator: windowJoin(sessions),
    events: [left(0, 1), left(15, 2), right(8, 3), ...marks(24)],
  },
  {
    name: 'late elements of a window join are dropped and counted',
    operator: windowJoin(ten),
    events: [left(1, 1), right(2, 2), ...marks(9), left(3, 3), right(4, 4), right(14, 5), ...marks(19)],
  },
  {
    name: 'an element within the lateness of a window join fires all pairs again',
    operator: windowJoin(ten, 5),
    events: [left(1, 1), right(2, 2), ...marks(9), left(3, 3), right(4, 4), ...marks(14), left(5, 5)],
  },
  {
    name: 'an element within the lateness may bring the first pair of a window',
    operator: windowJoin(ten, 5),
    events: [left(1, 1), ...marks(9), right(4, 2), ...marks(14)],
  },
  {
    name: 'an idle input of a window join holds back no watermark',
    operator: windowJoin(ten),
    events: [
      left(1, 1),
      right(2, 2),
      mark(5, 1),
      idle(1),
      mark(9, 0),
      active(1),
      mark(7, 1),
      left(11, 3),
      mark(19, 0),
      mark(19, 1),
    ],
  },
  {
    name: 'where both inputs of a window join are idle the higher of their watermarks counts',
    operator: windowJoin(ten),
    events: [left(1, 1), right(2, 2), mark(12, 0), mark(4, 1), idle(0), idle(1), active(1), mark(13, 1)],
  },
  {
    name: 'equal elements of a window join are all joined',
    operator: windowJoin(ten),
    events: [left(1, 1), left(1, 1), right(1, 1), right(1, 1), ...marks(9)],
  },
]
