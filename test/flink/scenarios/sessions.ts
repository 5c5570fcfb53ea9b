/** Session windows: when they merge, and into what. */
import type { Scenario } from '../scenario.ts'
import { at, end, mark } from './events.ts'
import { session } from './operators.ts'

export const sessionScenarios: readonly Scenario[] = [
  {
    name: 'a session ends one gap after its last element',
    operator: session(10),
    events: [at(3, 1), at(8, 2), mark(16), mark(17)],
  },
  {
    name: 'an element within the gap extends the session to the right',
    operator: session(10),
    events: [at(0, 1), at(9, 2), at(18, 3), mark(26), mark(27)],
  },
  {
    name: 'an element exactly one gap after the last one is still of the session',
    operator: session(10),
    events: [at(0, 1), at(10, 2), mark(19)],
  },
  {
    name: 'an element one gap and a millisecond after the last one begins a new session',
    operator: session(10),
    events: [at(0, 1), at(11, 2), mark(9), mark(20)],
  },
  {
    name: 'an element before the first one extends the session to the left',
    operator: session(10),
    events: [at(20, 1), at(15, 2), mark(29)],
  },
  {
    name: 'an element exactly one gap before the first one is still of the session',
    operator: session(10),
    events: [at(20, 1), at(10, 2), mark(29)],
  },
  {
    name: 'an element one gap and a millisecond before the first one is a session of its own',
    operator: session(10),
    events: [at(20, 1), at(9, 2), mark(18), mark(29)],
  },
  {
    name: 'an element between two sessions merges them',
    operator: session(10),
    events: [at(0, 1), at(15, 2), at(8, 3), mark(24)],
  },
  {
    name: 'an element that touches both neighbours exactly at the gap merges them',
    operator: session(10),
    events: [at(0, 1), at(20, 2), at(10, 3), mark(28), mark(29)],
  },
  {
    name: 'an element that touches only one of two sessions leaves the other alone',
    operator: session(10),
    events: [at(0, 1), at(21, 2), at(10, 3), mark(19), mark(30)],
  },
  {
    name: 'merging sums are added',
    operator: session(10, { function: 'sum' }),
    events: [at(0, 1), at(15, 10), at(8, 100), mark(24)],
  },
  {
    name: 'three sessions become one, element by element',
    operator: session(10, { function: 'sum' }),
    events: [at(0, 1), at(15, 2), at(30, 4), at(8, 8), at(22, 16), mark(39)],
  },
  {
    name: 'five sessions become one, from the right to the left',
    operator: session(10, { function: 'sum' }),
    events: [
      ...[at(0, 1), at(15, 2), at(30, 4), at(45, 8), at(60, 16)],
      ...[at(52, 32), at(38, 64), at(22, 128), at(7, 256), end],
    ],
  },
  {
    name: 'an element inside a session changes nothing but its content',
    operator: session(10),
    events: [at(0, 1), at(9, 2), at(5, 3), at(0, 4), mark(18)],
  },
  {
    name: 'elements of equal timestamps are one session',
    operator: session(10),
    events: [at(5, 1), at(5, 2), at(5, 3), mark(14)],
  },
  {
    name: 'sessions in the reverse order of time merge all the same',
    operator: session(10, { function: 'sum' }),
    events: [at(40, 1), at(31, 2), at(22, 4), at(13, 8), mark(48), mark(49)],
  },
  {
    name: 'the merged session fires at its own end and not at those of its parts',
    operator: session(10),
    events: [at(0, 1), at(15, 2), at(8, 3), mark(9), mark(17), mark(23), mark(24)],
  },
  {
    name: 'a session that has fired is gone: an element one gap later begins a new one',
    operator: session(10),
    events: [at(0, 1), mark(9), at(10, 2), mark(19)],
  },
  {
    name: 'a session that has fired is gone: an element that would have joined it begins a new one',
    operator: session(10),
    events: [at(0, 1), mark(9), at(5, 2), mark(14)],
  },
  {
    name: 'an element behind the watermark is not late as long as its own session would end after it',
    operator: session(10),
    events: [mark(12), at(4, 1, 'a'), at(3, 2, 'b'), mark(13)],
  },
  {
    name: 'an element whose own session would be over is late',
    operator: session(10),
    events: [mark(12), at(2, 1), at(3, 2), at(12, 3), end],
  },
  {
    name: 'an element whose own session would be over is not late where it joins a live one',
    operator: session(10),
    events: [at(10, 1), mark(15), at(2, 2), mark(19)],
  },
  {
    name: 'an element whose own session would be over joins a live one exactly at the gap',
    operator: session(10),
    events: [at(10, 1), mark(15), at(0, 2), mark(19)],
  },
  {
    name: 'an element whose own session would be over is late where it misses a live one by a millisecond',
    operator: session(10),
    events: [at(10, 1), mark(15), at(-1, 2), mark(19)],
  },
  {
    name: 'elements that join a live session to the left let others join that are still older',
    operator: session(10),
    events: [at(20, 1), mark(25), at(11, 2), at(2, 3), at(-7, 4), at(-18, 5), mark(29)],
  },
  {
    name: 'a session of negative timestamps',
    operator: session(10),
    events: [at(-20, 1), at(-12, 2), at(-1, 3), at(0, 4), mark(-3), mark(9)],
  },
  {
    name: 'a session across zero',
    operator: session(10),
    events: [at(-5, 1), at(4, 2), mark(13)],
  },
  {
    name: 'a gap of one millisecond',
    operator: session(1),
    events: [at(5, 1), at(6, 2), at(8, 3), at(7, 4), at(10, 5), mark(8), mark(10)],
  },
  {
    name: 'the end of the input fires every session',
    operator: session(10),
    events: [at(0, 1), at(50, 2), at(25, 3), end],
  },
]
