/** The idea: a barrier passes through a pipeline, gathers the state, and one transaction holds what belongs together. */
import { arrow, barrier, box, lane, marble, type Picture, text } from './shapes.ts'

const left = 92
const right = 700
const lanes = { source: 62, count: 122, sink: 182 } as const

/** One record on its way down, a little later in each lane. */
function record(label: string, x: number): readonly string[] {
  return [
    ...marble(label, x, lanes.source),
    ...marble(`${label}1`, x + 14, lanes.count),
    ...marble(`${label}1`, x + 28, lanes.sink),
  ]
}

export const idea: Picture = {
  width: 720,
  height: 372,
  description:
    'A pipeline of a source, an operator with state and a sink. Barrier 1 passes after the records a and b, gathers offset and counts into a snapshot, ' +
    'and one Kafka transaction holds the output, the offset and the ledger entry.',
  parts: [
    text('time', right, 26, { class: 'small end' }),
    ...lane('source', lanes.source, left, right),
    ...lane('count', lanes.count, left, right),
    ...lane('sink', lanes.sink, left, right),
    ...record('a', 140),
    ...record('b', 220),
    ...barrier(300, lanes.source, 1),
    ...barrier(314, lanes.count),
    ...barrier(328, lanes.sink),
    ...record('c', 400),
    ...record('d', 480),
    ...barrier(560, lanes.source, 2),
    ...barrier(574, lanes.count),
    ...barrier(588, lanes.sink),
    text('"read up to offset 2"', 312, lanes.source + 28, { class: 'small' }),
    text('"a: 1, b: 1"', 326, lanes.count + 28, { class: 'small' }),
    ...arrow(320, lanes.sink + 18, 214, 240),
    box(20, 244, 270, 108),
    text('1. the snapshot is stored', 36, 268, { class: 'title' }),
    text('offset 2 · counts a: 1, b: 1', 36, 292, { class: 'mono' }),
    text('Worth nothing until an entry', 36, 318, { class: 'small' }),
    text('in the ledger names it.', 36, 334, { class: 'small' }),
    ...arrow(290, 298, 322, 298),
    box(326, 244, 374, 108, 'decided'),
    text('2. one Kafka transaction decides', 342, 268, { class: 'title' }),
    ...marble('a1', 358, 296),
    ...marble('b1', 390, 296),
    text('output', 374, 328, { class: 'small mid' }),
    box(424, 282, 92, 28),
    text('offset 2', 470, 300, { class: 'mid mono' }),
    text('group, for lag', 470, 328, { class: 'small mid' }),
    box(530, 282, 154, 28),
    text('checkpoint 1 is it', 607, 300, { class: 'mid mono' }),
    text('ledger entry, the last record', 607, 328, { class: 'small mid' }),
  ],
}
