/** Word count with many keys, its state in memory and in LMDB: records a second once every word has been seen, with checkpoints every second. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { toError } from '../../src/errors.ts'
import type { Lab } from '../lab/lab.ts'
import { startProgram } from '../lab/program.ts'
import { through } from '../lab/through.ts'
import type { Topic } from '../lab/topics.ts'
import { rateOf, type Span, spanFrom, wholeSpan } from '../measure/rates.ts'
import { cpuWithin, othersWithin, peakOf, type Sample, sampler } from '../measure/sampler.ts'
import type { Figures, Run } from '../report/results.ts'
import { complaint } from './complaint.ts'

const interval = 1_000
const backends = ['memory', 'lmdb'] as const

export async function state(lab: Lab): Promise<void> {
  if (!lab.wants('rxweft')) return
  const { keys, records, rounds } = lab.plan.state
  lab.say(
    `state: word count, ${keys.toLocaleString('en-US')} words, then ${records.toLocaleString('en-US')} more records`,
  )
  const source = await lab.topics.create('words', 1)
  const fed = { topic: source.name, partitions: 1, records: keys + records, words: keys, everyWordOnce: true }
  await lab.jvm.feedWords({ brokers: lab.brokers, ...fed })
  for (let round = 1; round <= rounds; round++) {
    for (const backend of backends) lab.record(await wordCountRun(lab, backend, round, source))
  }
  await source.delete()
}

async function wordCountRun(lab: Lab, backend: (typeof backends)[number], round: number, source: Topic): Promise<Run> {
  const { keys, records } = lab.plan.state
  const about = { scenario: 'state', shape: backend, peer: 'rxweft', round }
  const sink = await lab.topics.create('counts', 1, true)
  const checkpoints = join(lab.folder, sink.name)
  try {
    const program = await startProgram(lab, 'word count', {
      ...{ source: source.name, sink: sink.name, id: sink.name, interval, compression: 'none', partitions: 1 },
      ...{ checkpoints, state: backend },
    })
    const sampling = sampler(program.pid, lab.brokerPid)
    try {
      await through(program, sink, keys + records, interval)
    } catch (thrown) {
      await program.kill()
      throw thrown
    } finally {
      sampling.stop()
    }
    await program.stop()
    const verified = await lab.jvm.verifyCounts({ brokers: lab.brokers, source: source.name, sink: sink.name })
    const problem = complaint(verified, keys + records)
    const [whole, warm] = [wholeSpan(verified.series), spanFrom(verified.series, keys)]
    const figures = {
      ...(whole === null ? {} : { total: rateOf(whole) }),
      ...(warm === null ? {} : warmFigures(warm, sampling.samples)),
      peak: peakOf(sampling.samples) / 2 ** 20,
    }
    return { ...about, figures, ...(problem === null ? {} : { problem }) }
  } catch (thrown) {
    return { ...about, figures: {}, problem: toError(thrown).message }
  } finally {
    await sink.delete()
    rmSync(checkpoints, { recursive: true, force: true })
  }
}

function warmFigures(warm: Span, samples: readonly Sample[]): Figures {
  const cpu = (cpuWithin(samples, warm) * 1e6) / warm.records
  return { warm: rateOf(warm), cpu, others: othersWithin(samples, warm) }
}
