/** Nothing lost, nothing twice, order kept, nothing aborted visible: the sink is the fold of the source, record by record. */
import { sourceTopic } from '../config.ts'
import { nextTotal, type Total, withTotal } from '../job/runningTotals.ts'
import { isRefused } from '../refusals.ts'
import type { World } from '../world.ts'
import { letterProblems } from './letterProblems.ts'
import { visibleRecords } from './visibleRecords.ts'

/** @param complete everything must be there; otherwise a beginning is enough */
export function outputProblems(world: World, complete: boolean): readonly string[] {
  const partitions = Array.from({ length: world.config.partitions }, (_, partition) => partition)
  return world.config.sinks.flatMap((sink) =>
    partitions.flatMap((partition) => inPartition(world, sink, partition, complete)),
  )
}

function inPartition(world: World, sink: string, partition: number, complete: boolean): readonly string[] {
  const all = expectedOutput(world, partition)
  const found = visibleRecords(world, sink, partition).map(({ value }) => value)
  const { expected, omitted } = withoutRefused(world, all, found, complete)
  const letters = complete ? letterProblems(world, sink, partition, omitted) : []
  if (letters.length > 0) return letters
  const at = Array.from({ length: Math.max(found.length, expected.length) }, (_, at) => at).find(
    (at) => found[at] !== expected[at],
  )
  if (at === undefined || (!complete && at === found.length)) return []
  return [
    `${sink}/${partition}: ${at} records are right, then there is ${quoted(found[at])} instead of ${quoted(expected[at])}` +
      ` (${found.length} of ${expected.length})`,
  ]
}

/** Brokers may have taken a record before they began to refuse it, so both are right. */
function withoutRefused({ config }: World, all: readonly Expected[], found: readonly string[], complete: boolean) {
  const expected: string[] = []
  const omitted: string[] = []
  for (const { value, offset } of all) {
    const ended = !complete && expected.length >= found.length
    const isOmitted = config.refusals !== undefined && isRefused(value) && found[expected.length] !== value && !ended
    if (isOmitted) omitted.push(`${value}@${offset}`)
    else expected.push(value)
  }
  return { expected, omitted }
}

interface Expected {
  readonly value: string
  /** Of the record in the source. */
  readonly offset: number
}

function expectedOutput(world: World, partition: number): readonly Expected[] {
  const start = startOffset(world, partition)
  let total: Total | undefined
  return visibleRecords(world, sourceTopic, partition).flatMap(({ offset, value }) => {
    if (offset < start) return []
    total = nextTotal(total, value)
    return [{ value: withTotal(value, total), offset }]
  })
}

/** Where the first entry of the ledger says that the job begins. */
export function startOffset({ decisions }: World, partition: number): number {
  const splits = decisions
    .filter(({ entry }) => entry.checkpoint === 0)
    .flatMap(({ entry }) => entry.positions[0]?.splits ?? [])
  return splits.find((split) => split.partition === partition)?.offset ?? 0
}

function quoted(value: string | undefined): string {
  return value === undefined ? 'nothing' : `"${value}"`
}
