/** One run of the uppercase job by one program: started, sampled while it works, stopped, and its output verified. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { toError } from '../../src/errors.ts'
import type { Verified } from '../jvm/jvm.ts'
import type { Lab } from '../lab/lab.ts'
import { startProgram } from '../lab/program.ts'
import { through } from '../lab/through.ts'
import type { Topic } from '../lab/topics.ts'
import { memoryBy } from '../measure/memory.ts'
import { rateOf, type Series, warmSpan, wholeSpan } from '../measure/rates.ts'
import { cpuWithin, othersWithin, peakOf, type Sample, sampler } from '../measure/sampler.ts'
import type { Figures, Run } from '../report/results.ts'
import { complaint } from './complaint.ts'

export interface UppercaseRun {
  readonly scenario: string
  readonly shape: string
  readonly peer: string
  readonly round: number
  readonly source: Topic
  readonly records: number
  readonly compression: 'none' | 'zstd'
  readonly interval: number
  readonly shards?: number
}

/** Never rejects for what the program does: that is the problem of the run. */
export async function uppercaseRun(lab: Lab, asked: UppercaseRun): Promise<Run> {
  const { scenario, shape, peer, round, source, records, compression, interval, shards = 1 } = asked
  const sink = await lab.topics.create('out', source.partitions, true)
  const checkpoints = join(lab.folder, sink.name)
  const about = { scenario, shape, peer, round }
  try {
    const program = await startProgram(lab, peer, {
      ...{ source: source.name, sink: sink.name, id: sink.name, interval, compression, checkpoints, shards },
      partitions: source.partitions,
    })
    const sampling = sampler(program.pid, lab.brokerPid)
    try {
      await through(program, sink, records, interval)
    } catch (thrown) {
      await program.kill()
      return { ...about, figures: {}, problem: toError(thrown).message }
    } finally {
      sampling.stop()
    }
    await program.stop()
    const verified = await lab.jvm.verify({
      ...{ brokers: lab.brokers, source: source.name, sink: sink.name, transform: 'uppercase' },
    })
    const memory = memoryBy(sampling.samples, verified.series)
    const problem = complaint(verified, records)
    return {
      ...about,
      figures: figuresOf(verified, sampling.samples),
      memory,
      ...(problem === null ? {} : { problem }),
    }
  } catch (thrown) {
    return { ...about, figures: {}, problem: toError(thrown).message }
  } finally {
    await sink.delete()
    rmSync(checkpoints, { recursive: true, force: true })
  }
}

function figuresOf({ series }: Verified, samples: readonly Sample[]): Figures {
  return { ...ratesOf(series), ...usageOf(series, samples) }
}

function ratesOf(series: Series): Figures {
  const [whole, warm] = [wholeSpan(series), warmSpan(series)]
  return { ...(whole === null ? {} : { total: rateOf(whole) }), ...(warm === null ? {} : { warm: rateOf(warm) }) }
}

function usageOf(series: Series, samples: readonly Sample[]): Figures {
  const warm = warmSpan(series)
  const peak = peakOf(samples) / 2 ** 20
  if (warm === null) return { peak }
  return { cpu: (cpuWithin(samples, warm) * 1e6) / warm.records, peak, others: othersWithin(samples, warm) }
}
