/**
 * Writes numbers into the source topic: plain batches, and transactions that are interleaved in one partition, some of them aborted,
 * some open for long. It is not under test, so it writes into the logs directly.
 */
import { createBatchBuilder } from '../../src/kafka/batch/batchBuilder.ts'
import { sourceTopic } from './config.ts'
import { sourceValue } from './refusals.ts'
import type { World } from './world.ts'

export interface Feeder {
  write(): void
  /** Ends all transactions. */
  finish(): void
}

interface Open {
  readonly producerId: number
  readonly sequences: Map<number, number>
}

export function feeder({ brokers, random, config, trace }: World): Feeder {
  const { topology } = brokers.shared
  let open: Open[] = []
  let number = 0

  function append(partition: number, producerId: number, baseSequence: number): number {
    const builder = createBatchBuilder({ compression: 'none' })
    const count = random.between(1, 6)
    for (let i = 0; i < count; i++) builder.append(1_000, null, Buffer.from(sourceValue(config.refusals, ++number)), [])
    const records = builder.finish({ producerId, producerEpoch: 0, baseSequence, transactional: baseSequence >= 0 })
    const led = topology.find(sourceTopic, partition)
    led?.log.append(records, led.epoch)
    trace.note(() => `feeder: ${number - count + 1} to ${number} into partition ${partition}, producer ${producerId}`)
    return count
  }

  function within(transaction: Open): void {
    const partition = random.below(config.partitions)
    const sequence = transaction.sequences.get(partition) ?? 0
    transaction.sequences.set(partition, sequence + append(partition, transaction.producerId, sequence))
  }

  function end({ producerId, sequences }: Open): void {
    const committed = random.chance(0.5)
    for (const partition of sequences.keys()) topology.find(sourceTopic, partition)?.log.mark(producerId, 0, committed)
    trace.note(() => `feeder: producer ${producerId} ${committed ? 'commits' : 'aborts'}`)
  }

  return {
    write() {
      const some = open.length === 0 ? undefined : random.pick(open)
      if (some === undefined || random.chance(0.4)) {
        if (random.chance(0.6)) append(random.below(config.partitions), -1, -1)
        else open.push({ producerId: brokers.shared.newProducerId(), sequences: new Map() })
      } else if (random.chance(0.6)) within(some)
      else {
        open = open.filter((one) => one !== some)
        end(some)
      }
      brokers.shared.progressed()
    },
    finish() {
      for (const one of open.splice(0)) end(one)
      brokers.shared.progressed()
    },
  }
}
