/** What is committed in a partition, by the simulation's own knowledge: no filter of anybody's is involved. */
import { readBatches } from '../../../src/kafka/batch/readBatches.ts'
import type { World } from '../world.ts'

export interface Visible {
  readonly offset: number
  readonly value: string
}

export function visibleRecords({ brokers }: World, topic: string, partition: number): readonly Visible[] {
  const found: Visible[] = []
  for (const { bytes, control, transactional, part } of brokers.shared.topology.find(topic, partition)?.log.batches ??
    []) {
    if (control || (transactional && part?.outcome !== 'committed')) continue
    for (const batch of readBatches(bytes, { topic, partition })) {
      batch.records((record) => found.push({ offset: record.offset, value: String(record.value()) }))
    }
  }
  return found
}
