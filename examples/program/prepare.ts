/** Makes the topics of an example where there are none, and gives it something to read where they are empty. */
import { isMainThread } from 'node:worker_threads'
import type { Job } from 'rxweft'
import type { Ground, RepartitionEnds, Written } from './ends.ts'
import type { Sample, SampleRecord } from './samples.ts'

export interface Prepared {
  readonly job: Job
  readonly sinks: readonly string[]
}

/** Tells what it has put where. */
export async function prepare(
  onTopics: (ends: RepartitionEnds) => Job,
  sample: Sample,
  ground: Ground,
  tell: (line: string) => void,
): Promise<Prepared> {
  const sources: string[] = []
  const sinks: string[] = []
  const noting: RepartitionEnds = {
    topic: ground.topic,
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
  // The thread of a shard finds all that there is.
  if (!isMainThread) return { job, sinks }
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
