/** The metrics of a job in a registry of the real prom-client. */
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { memorySource } from '../../src/memory/memorySource.ts'
import { metricNames, rowOf } from '../../src/metrics/metricList.ts'
import { prometheusName } from '../../src/metrics/prometheusNames.ts'
import { prometheus } from '../../src/prometheus/index.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { start, upper } from '../job/running.ts'

async function ran(name: string) {
  const from = memorySource<string>()
  from.push('a')
  const running = start(upper(from, memorySink<string>(), name))
  for (let step = 0; step < 40; step++) await running.clock.advanceAsync(50)
  return running.handle
}

describe('prometheus(job)', () => {
  it('registers all metrics, with the values of the moment of the scrape', async () => {
    const register = new Registry()
    prometheus(await ran('upper'), { register })
    const text = await register.metrics()
    expect(text).toContain('rxweft_source_records_total{job_name="upper",shard="0",source="memorySource:memory"} 1')
    expect(text).toContain('rxweft_sink_records_total{job_name="upper",shard="0",sink="memorySink"} 1')
    expect(text).toContain('rxweft_checkpoint_duration_seconds_count{job_name="upper",shard="0"} 1')
    expect(text).toMatch(
      /rxweft_checkpoint_phase_seconds_bucket\{job_name="upper",shard="0",phase="store",le="\+Inf"\} 1/,
    )
    expect(text).toContain('# TYPE rxweft_checkpoint_duration_seconds histogram')
    for (const name of metricNames) expect(text).toContain(`# TYPE ${prometheusName(name)} ${rowOf(name).kind}`)
  })

  it('takes several jobs in one registry, and removes one', async () => {
    const register = new Registry()
    const [one, other] = [await ran('one'), await ran('other')]
    const remove = prometheus(one, { register })
    prometheus(other, { register })
    const both = await register.metrics()
    expect([both.includes('job_name="one"'), both.includes('job_name="other"')]).toEqual([true, true])
    remove()
    const left = await register.metrics()
    expect([left.includes('job_name="one"'), left.includes('job_name="other"')]).toEqual([false, true])
  })

  it('reads each job once for a scrape', async () => {
    const register = new Registry()
    const handle = await ran('upper')
    let readings = 0
    const metrics = () => {
      readings += 1
      return handle.metrics()
    }
    prometheus({ job: 'upper', metrics }, { register })
    await register.metrics()
    expect(readings).toBe(1)
    await register.metrics()
    expect(readings).toBe(2)
  })
})
