/** A bounded job that copies one topic into another, for tests of commands that look at what it leaves. */

import type { ExecuteOptions } from '../../src/job/execute.ts'
import { kafkaSink } from '../../src/kafka/sink/kafkaSink.ts'
import { kafkaSource } from '../../src/kafka/source/kafkaSource.ts'
import { text } from '../../src/serde/text.ts'
import { copy, runToEnd } from '../../tools/support/jobs.ts'
import type { Topics } from '../../tools/support/topics.ts'

export interface CopiedTopic {
  readonly job: string
  readonly source: string
  readonly sink: string
  /** Runs the job until it has read all that there is; each run ends with one checkpoint. */
  run(options?: Partial<ExecuteOptions>): Promise<unknown>
}

export async function copiedTopic(topics: Topics, partitions = 1): Promise<CopiedTopic> {
  const [job, source, sink] = [topics.name('job'), await topics.create(partitions), await topics.create(partitions)]
  const { cluster } = topics
  const made = copy(
    job,
    () => kafkaSource(cluster, { topic: source, value: text, until: 'latest' }),
    () => kafkaSink(cluster, { topic: sink, value: text }),
  )
  return { job, source, sink, run: (options = {}) => runToEnd(made, options) }
}
