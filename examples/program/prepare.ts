/** Creates missing topics of an example, and fills empty ones with samples. */
import { isMainThread } from 'node:worker_threads'
import type { Job } from 'rxweft'
import type { Ground, RepartitionEnds, Written } from './ends.ts'
import type { Sample, SampleRecord } from './samples.ts'

export interface Prepared {
  readonly job: Job
  readonly sinks: readonly string[]
}

/** Reports each sample and its topic. */
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
  // In the thread of a shard, topics and samples exist already.
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
