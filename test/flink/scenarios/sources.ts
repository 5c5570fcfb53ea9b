/** How sources make watermarks, and how those of several splits or inputs become one. */
import type { Event, Scenario, Source } from '../scenario.ts'
import { emit, read, wait } from './events.ts'

const ascending: Source = { kind: 'source', strategy: { type: 'ascending' } }

function bounded(bound: number, idleTimeout?: number): Source {
  const source: Source = { kind: 'source', strategy: { type: 'boundedOutOfOrderness', bound } }
  return idleTimeout === undefined ? source : { ...source, idleTimeout }
}

/** One split, asked after each element. */
function each(...timestamps: readonly number[]): readonly Event[] {
  return timestamps.flatMap((timestamp) => [read(0, timestamp), emit])
}

const assign = (input: number): Event => ({ type: 'assign', input })
const finish = (input: number): Event => ({ type: 'finish', input })

export const sourceScenarios: readonly Scenario[] = [
  {
    name: 'ascending timestamps: the watermark is one millisecond behind the highest',
    operator: ascending,
    events: each(10, 11, 11, 15),
  },
  {
    name: 'ascending timestamps that do not ascend leave the watermark where it is',
    operator: ascending,
    events: each(10, 5, 10, 12),
  },
  {
    name: 'bounded out of orderness: the watermark is the bound and one millisecond behind the highest',
    operator: bounded(5),
    events: each(10, 11, 8, 20, 16, 21),
  },
  {
    name: 'a bound of zero is ascending timestamps',
    operator: bounded(0),
    events: each(10, 11, 8, 20),
  },
  {
    name: 'before the first element there is no watermark',
    operator: bounded(5),
    events: [emit, emit, read(0, 3), emit],
  },
  {
    name: 'a source says no watermark until it is asked',
    operator: bounded(5),
    events: [read(0, 10), read(0, 20), read(0, 15), emit, emit],
  },
  {
    name: 'negative timestamps make negative watermarks',
    operator: bounded(5),
    events: each(-20, -15, -3, 0, 5),
  },
  {
    name: 'watermarks near 2^53',
    operator: bounded(5),
    events: each(2 ** 53 - 1000, 2 ** 53 - 990),
  },
  {
    name: 'the watermark of a source is the lowest of its splits',
    operator: bounded(5),
    events: [read(0, 10), read(1, 30), emit, read(0, 20), emit, read(0, 40), emit, read(1, 31), emit],
  },
  {
    name: 'a split without elements holds the watermark back',
    operator: bounded(5),
    events: [assign(0), assign(1), read(0, 10), emit, read(0, 20), emit, read(1, 15), emit],
  },
  {
    name: 'a split that appears behind the watermark holds it where it is',
    operator: bounded(5),
    events: [read(0, 50), emit, read(1, 20), emit, read(0, 60), emit, read(1, 52), emit, read(1, 70), emit],
  },
  {
    name: 'a split that is finished holds the watermark back no more',
    operator: bounded(5),
    events: [read(0, 10), read(1, 30), emit, finish(0), emit, read(1, 31), emit],
  },
  {
    name: 'the last split that is finished takes nothing along',
    operator: bounded(5),
    events: [read(0, 10), emit, finish(0), emit, read(1, 5), emit, read(1, 12), emit],
  },
  {
    name: 'a source is idle when it has read nothing for longer than the timeout',
    operator: bounded(5, 10),
    events: [read(0, 10), emit, wait(1), emit, wait(10), emit, wait(1), emit, read(0, 20), emit],
  },
  {
    name: 'the timeout runs from the first time that a source is asked and has read nothing',
    operator: bounded(5, 10),
    events: [read(0, 10), emit, wait(100), emit, wait(10), emit, wait(1), emit],
  },
  {
    name: 'a source that is idle is active again with its next watermark, not with its next element',
    operator: bounded(5, 10),
    events: [read(0, 10), emit, emit, wait(11), emit, read(0, 10), read(0, 30), emit, emit],
  },
  {
    name: 'a source that wakes with an element that brings no new watermark',
    operator: bounded(5, 10),
    events: [read(0, 10), emit, emit, wait(11), emit, read(0, 8), emit, emit, read(0, 20), emit],
  },
  {
    name: 'an idle split holds the watermark back no more',
    operator: bounded(5, 10),
    events: [
      read(0, 10),
      read(1, 30),
      emit,
      wait(6),
      read(1, 40),
      emit,
      wait(6),
      read(1, 50),
      emit,
      wait(6),
      read(1, 60),
      emit,
    ],
  },
  {
    name: 'an idle split that wakes behind the watermark holds it where it is',
    operator: bounded(5, 10),
    events: [
      ...[read(0, 10), read(1, 30), emit, read(1, 40), emit, wait(11), read(1, 50), emit],
      ...[read(0, 12), emit, read(1, 60), emit, read(0, 48), emit, read(0, 70), emit],
    ],
  },
  {
    name: 'a source is idle when all of its splits are',
    operator: bounded(5, 10),
    events: [
      read(0, 10),
      read(1, 30),
      emit,
      emit,
      wait(11),
      read(0, 20),
      emit,
      emit,
      wait(11),
      emit,
      read(1, 40),
      emit,
    ],
  },
  {
    name: 'a source that never reads anything becomes idle',
    operator: bounded(5, 10),
    events: [assign(0), emit, wait(5), emit, wait(6), emit, wait(100), emit],
  },
  {
    name: 'idleness is noticed only when the source is asked',
    operator: { ...ascending, idleTimeout: 10 },
    events: [read(0, 10), emit, emit, wait(1000), read(0, 11), emit, emit, wait(1000), emit],
  },
]
