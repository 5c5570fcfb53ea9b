/**
 * End-to-end latency under a steady load that is far below what anybody can do: from just before a record is sent to the source until a read_committed
 * consumer has it from the sink. Measured by Kafka's Java clients.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { toError } from '../../src/errors.ts'
import type { Latency } from '../jvm/jvm.ts'
import type { Lab } from '../lab/lab.ts'
import { startProgram } from '../lab/program.ts'
import { peakOf, sampler } from '../measure/sampler.ts'
import type { Run } from '../report/results.ts'

export async function latency(lab: Lab): Promise<void> {
  const { rounds, seconds, rate, peers } = lab.plan.latency
  lab.say(`latency: ${rate.toLocaleString('en-US')} records/s of 100 bytes for ${seconds} s`)
  for (let round = 1; round <= rounds; round++) {
    for (const [peer, intervals] of Object.entries(peers)) {
      if (!lab.wants(peer)) continue
      for (const interval of intervals) lab.record(await latencyRun(lab, peer, interval, round))
    }
  }
}

/** A JVM takes its time to start and to compile; so many seconds do not count. */
const warmup = (peer: string): number => (peer === 'rxweft' ? 5 : 20)

async function latencyRun(lab: Lab, peer: string, interval: number, round: number): Promise<Run> {
  const { rate, seconds } = lab.plan.latency
  const about = { scenario: 'latency', shape: `${interval} ms`, peer, round }
  const [source, sink] = [await lab.topics.create('in', 1), await lab.topics.create('out', 1)]
  const checkpoints = join(lab.folder, sink.name)
  try {
    const program = await startProgram(lab, peer, {
      ...{
        source: source.name,
        sink: sink.name,
        id: sink.name,
        interval,
        compression: 'none',
        checkpoints,
        partitions: 1,
      },
    })
    const sampling = sampler(program.pid, lab.brokerPid)
    const topics = { brokers: lab.brokers, source: source.name, sink: sink.name }
    const found = await lab.jvm
      .latency({ ...topics, rate, seconds, warmupSeconds: warmup(peer), valueBytes: 100 })
      .finally(sampling.stop)
    await program.stop()
    const problem = lossOf(found, rate * seconds)
    const { p50, p90, p99, p999, max } = found
    const figures = { p50, p90, p99, p999, max, peak: peakOf(sampling.samples) / 2 ** 20 }
    return { ...about, figures, ...(problem === null ? {} : { problem }) }
  } catch (thrown) {
    return { ...about, figures: {}, problem: toError(thrown).message }
  } finally {
    await source.delete()
    await sink.delete()
    rmSync(checkpoints, { recursive: true, force: true })
  }
}

/** null: none. @param sent about how many records were to be measured */
export function lossOf(
  { count, missing, doubled }: Pick<Latency, 'count' | 'missing' | 'doubled'>,
  sent: number,
): string | null {
  if (missing > 0 || doubled > 0) return `${missing} missing, ${doubled} doubled`
  // A load that was not there makes any latency look good.
  return count < 0.95 * sent ? `only ${count} of ${sent} records were sent in time` : null
}
