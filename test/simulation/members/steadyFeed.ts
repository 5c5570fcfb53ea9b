/** Writes numbers into every partition of the source again and again, so that no shard is idle but where it rests. It writes into the logs directly. */
import { createBatchBuilder } from '../../../src/kafka/batch/batchBuilder.ts'
import { sourceTopic } from '../config.ts'
import type { World } from '../world.ts'

export interface SteadyFeed {
  /** Writes nothing for so long, ms. */
  rest(ms: number): void
  /** Ends the rest. */
  resume(): void
  /** Times at which it has rested, as [from, to], ms. */
  readonly rests: readonly (readonly [from: number, to: number])[]
  end(): void
}

/** ms */
const interval = 400

const plain = { producerId: -1, producerEpoch: -1, baseSequence: -1, transactional: false }

export function steadyFeed({
  agenda,
  brokers,
  config,
  trace,
}: Pick<World, 'agenda' | 'brokers' | 'config' | 'trace'>): SteadyFeed {
  const { topology } = brokers.shared
  const rests: [number, number][] = []
  let number = 0
  let ended = false

  function write(): void {
    if (ended) return
    agenda.after(interval, write)
    if (rests.some(([, to]) => to > agenda.now())) return
    for (let partition = 0; partition < config.partitions; partition++) {
      const led = topology.find(sourceTopic, partition)
      const builder = createBatchBuilder({ compression: 'none' })
      builder.append(1_000, null, Buffer.from(String(++number)), [])
      led?.log.append(builder.finish(plain), led.epoch)
    }
    brokers.shared.progressed()
  }

  write()
  return {
    rests,
    rest(ms) {
      trace.note(() => `director: nothing is written for ${ms} ms`)
      rests.push([agenda.now(), agenda.now() + ms])
    },
    resume() {
      for (const rest of rests) rest[1] = Math.min(rest[1], agenda.now())
    },
    end() {
      ended = true
    },
  }
}
