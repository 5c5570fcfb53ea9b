/** Makes the topics of an example where there are none, and gives it something to read where they are empty. */
import type { Job } from 'rxweft'
import type { Ends, Ground, Written } from './ends.ts'
import type { Sample, SampleRecord } from './samples.ts'

export interface Prepared {
  readonly job: Job
  readonly sinks: readonly string[]
}

/** Tells what it has put where. */
export async function prepare(
  onTopics: (ends: Ends) => Job,
  sample: Sample,
  ground: Ground,
  tell: (line: string) => void,
): Promise<Prepared> {
  const sources: string[] = []
  const sinks: string[] = []
  const noting: Ends = {
    source(topic, value) {
      sources.push(topic)
      return ground.source(topic, value)
    },
    sink(topic, value) {
      sinks.push(topic)
      return ground.sink(topic, value)
    },
  }
  const job = onTopics(noting)
  await ground.createTopics([...sources, ...sinks])
  for (const topic of sources) {
    if (!(await ground.isEmpty(topic))) continue
    const records = (sample[topic] ?? []).map(written)
    await ground.append(topic, records)
    for (const { value } of records) tell(`${topic} <- ${value}`)
  }
  return { job, sinks }
}

function written([timestamp, value]: SampleRecord): Written {
  return { timestamp, value: typeof value === 'string' ? value : JSON.stringify(value) }
}
