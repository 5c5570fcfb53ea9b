/** Event time timers of a keyed process function. */
import type { Scenario } from '../scenario.ts'
import { end, mark, noTimer, timer } from './events.ts'

const timers = { kind: 'eventTimers' } as const

export const timerScenarios: readonly Scenario[] = [
  {
    name: 'a timer fires when the watermark reaches its time',
    operator: timers,
    events: [timer(10), mark(9), mark(10), mark(11)],
  },
  {
    name: 'timers fire in order of their times, not of their registration',
    operator: timers,
    events: [timer(30), timer(10), timer(20), mark(30)],
  },
  {
    name: 'a timer that is registered twice fires once',
    operator: timers,
    events: [timer(10), timer(10), mark(10), timer(10), mark(11)],
  },
  {
    name: 'each key has timers of its own',
    operator: timers,
    events: [timer(10, 'a'), timer(10, 'b'), timer(20, 'a'), mark(10), mark(20)],
  },
  {
    name: 'timers of many keys fire in order of their times',
    operator: timers,
    events: [timer(12, 'c'), timer(11, 'a'), timer(10, 'b'), timer(11, 'c'), timer(12, 'a'), timer(10, 'a'), mark(50)],
  },
  {
    name: 'a timer that is deleted does not fire',
    operator: timers,
    events: [timer(10), timer(20), noTimer(10), mark(30)],
  },
  {
    name: 'deleting a timer of one key leaves that of another',
    operator: timers,
    events: [timer(10, 'a'), timer(10, 'b'), noTimer(10, 'a'), mark(10)],
  },
  {
    name: 'deleting a timer that there is not is nothing',
    operator: timers,
    events: [noTimer(10), timer(10), mark(10), noTimer(10), mark(20)],
  },
  {
    name: 'a timer that was deleted may be registered again',
    operator: timers,
    events: [timer(10), noTimer(10), timer(10), mark(10)],
  },
  {
    name: 'a timer in the past fires at the next watermark, and not at once',
    operator: timers,
    events: [mark(20), timer(10), timer(20), timer(21), mark(20), mark(21)],
  },
  {
    name: 'a timer that a timer registers fires at the same watermark where its time has come',
    operator: { kind: 'eventTimers', repeat: { every: 10, until: 100 } },
    events: [timer(5), mark(4), mark(36), mark(44), mark(45), end],
  },
  {
    name: 'timers that register others fire in order of their times across all keys',
    operator: { kind: 'eventTimers', repeat: { every: 7, until: 40 } },
    events: [timer(5, 'a'), timer(8, 'b'), timer(20, 'c'), mark(30), mark(40)],
  },
  {
    name: 'the end of the input fires all timers',
    operator: timers,
    events: [timer(10), timer(1_000_000), end],
  },
  {
    name: 'after the end of the input no timer fires',
    operator: timers,
    events: [end, timer(10), mark(20), end],
  },
  {
    name: 'timers of negative times',
    operator: timers,
    events: [timer(-10), timer(0), timer(-5), mark(-10), mark(-1), mark(0)],
  },
  {
    name: 'a timer sees the watermark that fired it, not its own time',
    operator: timers,
    events: [timer(10), timer(15), mark(17)],
  },
]
