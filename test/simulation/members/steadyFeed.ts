/** Writes numbers into every partition of the source again and again, so that no shard is idle. It writes into the logs directly. */
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import { sourceTopic } from '../config.ts'
import type { World } from '../world.ts'

/** ms */
const interval = 400

const plain = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }

export function steadyFeed({ agenda, brokers, config }: World): { end(): void } {
  const { topology } = brokers.shared
  let number = 0
  let ended = false

  function write(): void {
    if (ended) return
    for (let partition = 0; partition < config.partitions; partition++) {
      const led = topology.find(sourceTopic, partition)
      const builder = createBatchBuilder({ compression: 'none' })
      builder.append(1_000, null, Buffer.from(String(++number)), [])
      led?.log.append(builder.finish(plain), led.epoch)
    }
    brokers.shared.progressed()
    agenda.after(interval, write)
  }

  write()
  return {
    end() {
      ended = true
    },
  }
}
