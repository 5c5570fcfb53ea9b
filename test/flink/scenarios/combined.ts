/**
 * Several watermarks become one: over the channels of one input (Flink's valve), and over the inputs of one operator. The same
 * events are played through both, since the two differ in small things.
 */
import type { Event, Scenario } from '../scenario.ts'
import { active, idle, mark } from './events.ts'

interface Case {
  readonly name: string
  readonly inputs: number
  readonly events: readonly Event[]
}

const cases: readonly Case[] = [
  {
    name: 'the lowest watermark counts, and only where it rises',
    inputs: 3,
    events: [mark(5, 0), mark(7, 1), mark(3, 2), mark(4, 2), mark(9, 2), mark(6, 0), mark(20, 0), mark(8, 1)],
  },
  {
    name: 'watermarks that go back or are repeated are ignored',
    inputs: 2,
    events: [mark(5, 0), mark(5, 1), mark(4, 0), mark(5, 0), mark(3, 1), mark(6, 0), mark(6, 1)],
  },
  {
    name: 'an input that becomes idle lets the others go on',
    inputs: 2,
    events: [mark(9, 0), mark(5, 1), idle(1), mark(12, 0)],
  },
  {
    name: 'an input that was idle from the start holds nothing back',
    inputs: 2,
    events: [idle(1), mark(9, 0), mark(10, 0), active(1), mark(11, 0), mark(3, 1), mark(10, 1), mark(12, 1)],
  },
  {
    name: 'an input that wakes behind the combined watermark holds it back, or not until it has caught up',
    inputs: 2,
    events: [
      mark(5, 0),
      mark(5, 1),
      idle(1),
      mark(20, 0),
      active(1),
      mark(30, 0),
      mark(10, 1),
      mark(31, 0),
      mark(20, 1),
      mark(32, 0),
      mark(25, 1),
      mark(40, 1),
    ],
  },
  {
    name: 'an input that wakes without a word',
    inputs: 2,
    events: [mark(5, 0), mark(5, 1), idle(1), mark(20, 0), mark(25, 1), mark(30, 0), mark(40, 1)],
  },
  {
    name: 'all idle, the lowest last',
    inputs: 2,
    events: [mark(12, 0), mark(4, 1), idle(0), idle(1), active(0), mark(13, 0)],
  },
  {
    name: 'all idle, the highest last',
    inputs: 2,
    events: [mark(12, 0), mark(4, 1), idle(1), idle(0), active(1), mark(13, 1)],
  },
  {
    name: 'all idle, and all awake again',
    inputs: 2,
    events: [idle(0), idle(1), mark(5, 0), active(0), active(1), mark(6, 0), mark(7, 1)],
  },
  {
    name: 'idle twice, active twice',
    inputs: 2,
    events: [
      mark(5, 0),
      idle(1),
      idle(1),
      active(1),
      active(1),
      idle(0),
      idle(0),
      idle(1),
      idle(1),
      active(0),
      active(0),
    ],
  },
  {
    name: 'one of three is idle while the others move',
    inputs: 3,
    events: [
      mark(5, 0),
      mark(6, 1),
      mark(7, 2),
      idle(0),
      mark(8, 1),
      mark(9, 2),
      active(0),
      mark(6, 0),
      mark(20, 1),
      mark(20, 2),
      mark(15, 0),
    ],
  },
  {
    name: 'one input alone',
    inputs: 1,
    events: [mark(5, 0), mark(5, 0), idle(0), mark(8, 0), active(0), mark(8, 0)],
  },
  {
    name: 'the end of one input leaves it to the others',
    inputs: 2,
    events: [mark(Number.POSITIVE_INFINITY, 0), mark(5, 1), mark(6, 1), mark(Number.POSITIVE_INFINITY, 1)],
  },
]

export const combinedScenarios: readonly Scenario[] = cases.flatMap(({ name, inputs, events }) => [
  { name: `channels of one input: ${name}`, operator: { kind: 'channels', inputs }, events } as const,
  { name: `inputs of one operator: ${name}`, operator: { kind: 'inputs', inputs }, events } as const,
])
