/** The state of every checkpoint is the fold of the input up to the offsets of that checkpoint. */
import { sourceTopic } from '../config.ts'
import { nextTotal, type Total } from '../job/runningTotals.ts'
import type { Decision, World } from '../world.ts'
import { startOffset } from './outputProblems.ts'
import { storedTotals } from './storedTotals.ts'
import { visibleRecords } from './visibleRecords.ts'

export function stateProblems(world: World): readonly string[] {
  const input = Array.from({ length: world.config.partitions }, (_, partition) =>
    visibleRecords(world, sourceTopic, partition),
  )
  return world.decisions.flatMap(({ entry }: Decision) => {
    if (entry.snapshot === null) return []
    const held = Object.entries(entry.inline ?? {}).map(([key, text]) => [key, Buffer.from(text, 'base64')] as const)
    const files = new Map<string, Uint8Array>([...world.disk.archive, ...held])
    if (!files.has(entry.snapshot.key)) return [`checkpoint ${entry.checkpoint}: its snapshot was never stored`]
    const state = storedTotals(files, entry.snapshot.key)
    return (entry.positions[0]?.splits ?? []).flatMap(({ partition, offset }) => {
      const start = startOffset(world, partition)
      const before = (input[partition] ?? []).filter((record) => record.offset >= start && record.offset < offset)
      const expected = before.reduce<Total | undefined>((total, { value }) => nextTotal(total, value), undefined)
      const found = state.get(partition)
      if (expected?.count === found?.count && expected?.sum === found?.sum) return []
      return [
        `checkpoint ${entry.checkpoint}, partition ${partition}: the state is ${show(found)} instead of ${show(expected)}`,
      ]
    })
  })
}

function show(total: Total | undefined): string {
  return total === undefined ? 'none' : `${total.count} records, sum ${total.sum}`
}
