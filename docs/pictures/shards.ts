/** Two shards and a repartition topic: partition p belongs to shard p % 2, before the topic and behind it. */
import { arrow, box, type Picture, text } from './shapes.ts'

const rows = [78, 124, 190, 236] as const
/** Partitions by row, so that those of a shard lie together. */
const partitions = [0, 2, 1, 3] as const
const kinds = ['first', 'first', 'second', 'second'] as const
const top = [56, 168] as const

function topic(name: string, x: number): readonly string[] {
  return [
    text(name, x + 46, 34, { class: 'mid title' }),
    ...rows.flatMap((y, row) => [
      box(x, y - 14, 92, 28, kinds[row] ?? ''),
      text(`partition ${partitions[row]}`, x + 46, y + 4, { class: 'mid mono' }),
    ]),
  ]
}

function halves(x: number, name: string, step: string): readonly string[] {
  return top.flatMap((y, shard) => [
    box(x, y, 118, 90, shard === 0 ? 'first' : 'second'),
    text(`shard ${shard}`, x + 59, y + 28, { class: 'mid title' }),
    text(name, x + 59, y + 52, { class: 'mid mono' }),
    text(step, x + 59, y + 72, { class: 'mid small' }),
  ])
}

/** From the middle of a half to rows of the topic behind it. */
function spread(from: number, to: number): readonly string[] {
  return top.flatMap((y, shard) =>
    rows.flatMap((row) => arrow(from, y + 45, to, row, `of-${shard === 0 ? 'first' : 'second'}`)),
  )
}

function gather(from: number, to: number): readonly string[] {
  return rows.flatMap((row, at) => arrow(from, row, to, (top[at < 2 ? 0 : 1] ?? 0) + 45, `of-${kinds[at]}`))
}

export const shards: Picture = {
  width: 720,
  height: 312,
  description:
    'Four partitions of a topic of lines are read by two shards. Each cuts lines into words and writes them, by key, into any of the four partitions of the repartition topic. ' +
    'Each shard reads its own two partitions of that topic and counts.',
  parts: [
    ...topic('lines', 8),
    ...gather(100, 134),
    ...halves(136, 'flatMap, keyBy', 'a thread'),
    ...spread(254, 306),
    ...topic('words (repartition)', 308),
    ...gather(400, 450),
    ...halves(452, 'scan', 'the same thread'),
    ...arrow(570, top[0] + 45, 610, 140),
    ...arrow(570, top[1] + 45, 610, 174),
    text('counts', 656, 34, { class: 'mid title' }),
    box(612, 64, 92, 186),
    box(626, 114, 64, 28, 'first'),
    text('to: 9', 658, 132, { class: 'mid mono' }),
    box(626, 172, 64, 28, 'second'),
    text('be: 4', 658, 190, { class: 'mid mono' }),
    text('All records of one word are in one partition, so one shard has its count.', 360, 282, { class: 'mid small' }),
    text('Each shard has its own state, transactions, ledger entry and snapshots.', 360, 300, { class: 'mid small' }),
  ],
}
