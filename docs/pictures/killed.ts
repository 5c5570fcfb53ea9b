/** Killed and started again: what the dead attempt wrote after its last checkpoint is aborted, read again, and written once. */
import { arrow, barrier, box, cross, lane, marble, type Picture, text } from './shapes.ts'

const left = 92
const right = 700
const lanes = { first: 66, second: 152, topic: 240 } as const

export const killed: Picture = {
  width: 720,
  height: 284,
  description:
    'An attempt writes A and B, commits checkpoint 1, writes C and D, and is killed. A week later the next attempt aborts C and D, restores checkpoint 1, ' +
    'reads c and d again and commits checkpoint 2. A reader sees A, B, C and D, each once.',
  parts: [
    ...lane('attempt 1', lanes.first, left, 360),
    ...marble('A', 126, lanes.first),
    ...marble('B', 164, lanes.first),
    ...barrier(204, lanes.first, 1),
    ...marble('C', 244, lanes.first, 'undone'),
    ...marble('D', 282, lanes.first, 'undone'),
    ...cross(326, lanes.first),
    text('SIGKILL', 326, lanes.first - 20, { class: 'mid bad' }),
    text('C and D: an open transaction', 214, lanes.first + 32, { class: 'small' }),
    text('dead for a week, then:', 400, lanes.first - 14, { class: 'small' }),
    ...lane('attempt 2', lanes.second, 400, right),
    text('R', 430, lanes.second - 18, { class: 'mid title' }),
    ...barrier(430, lanes.second),
    text('fence: C and D are aborted,', 400, lanes.first + 4, { class: 'small' }),
    text('restore checkpoint 1, read c and d again', 400, lanes.first + 22, { class: 'small' }),
    ...marble('C', 480, lanes.second),
    ...marble('D', 518, lanes.second),
    ...barrier(560, lanes.second, 2),
    ...marble('E', 606, lanes.second),
    box(left - 4, lanes.topic - 26, right - left + 8, 52, 'decided'),
    text('a reader', left - 12, lanes.topic - 2, { class: 'end' }),
    text('sees', left - 12, lanes.topic + 14, { class: 'end' }),
    ...marble('A', 126, lanes.topic),
    ...marble('B', 164, lanes.topic),
    ...arrow(204, lanes.first + 18, 204, lanes.topic - 28),
    text('checkpoint 1', 196, lanes.topic - 36, { class: 'end small' }),
    ...marble('C', 480, lanes.topic),
    ...marble('D', 518, lanes.topic),
    ...arrow(560, lanes.second + 18, 560, lanes.topic - 28),
    text('checkpoint 2', 568, lanes.topic - 36, { class: 'small' }),
    text('each once, in order', right - 10, lanes.topic + 4, { class: 'end good' }),
  ],
}
