/** Watermarks as they pass an operator with one input. */
import type { Scenario } from '../scenario.ts'
import { active, at, end, idle, mark } from './events.ts'
import { session, tumbling } from './operators.ts'

export const watermarkScenarios: readonly Scenario[] = [
  {
    name: 'a watermark that goes back is ignored',
    operator: tumbling(10),
    events: [at(5, 1), mark(9), mark(3), at(4, 2), mark(20)],
  },
  {
    name: 'a watermark that is repeated is ignored',
    operator: tumbling(10),
    events: [at(5, 1), mark(9), mark(9), mark(10)],
  },
  {
    name: 'a watermark passes after the results that it fires',
    operator: tumbling(10),
    events: [at(5, 1), at(15, 2), mark(19)],
  },
  {
    name: 'watermarks pass that fire nothing',
    operator: tumbling(10),
    events: [at(5, 1), mark(1), mark(2), mark(3)],
  },
  {
    name: 'negative watermarks',
    operator: tumbling(10),
    events: [at(-15, 1), mark(-20), mark(-11), mark(-1), at(-1, 2), at(0, 3), end],
  },
  {
    name: 'nothing passes after the end of the input',
    operator: tumbling(10),
    events: [at(5, 1), end, mark(100), end],
  },
  {
    name: 'idleness passes, once',
    operator: tumbling(10),
    events: [at(5, 1), mark(3), idle(), idle(), active(), active(), mark(9)],
  },
  {
    name: 'a watermark of an idle input is ignored',
    operator: tumbling(10),
    events: [at(5, 1), idle(), mark(9), active(), mark(9)],
  },
  {
    name: 'an element of an idle input is taken, and wakes nobody',
    operator: tumbling(10),
    events: [mark(3), idle(), at(5, 1), mark(9), active(), mark(10)],
  },
  {
    name: 'idleness fires no session',
    operator: session(10),
    events: [at(5, 1), mark(6), idle(), active(), mark(14)],
  },
]
