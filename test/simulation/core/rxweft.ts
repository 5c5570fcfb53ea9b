/**
 * The code under test, loaded from a folder: the sources of this repository, or a copy of them with a mistake in it (mutants/). What
 * it compares by identity (error classes above all) must come from that folder, too; so the simulation takes it from here.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Modules {
  readonly element: typeof import('../../../src/element.ts')
  readonly errors: typeof import('../../../src/errors.ts')
  readonly 'serde/text': typeof import('../../../src/serde/text.ts')
  readonly 'job/deadLetter': typeof import('../../../src/job/deadLetter.ts')
  readonly 'job/deadLetterJson': typeof import('../../../src/job/deadLetterJson.ts')
  readonly 'job/defineJob': typeof import('../../../src/job/defineJob.ts')
  readonly 'job/execute': typeof import('../../../src/job/execute.ts')
  readonly 'job/execution': typeof import('../../../src/job/execution.ts')
  readonly 'job/shards/overShards': typeof import('../../../src/job/shards/overShards.ts')
  readonly 'job/restart': typeof import('../../../src/job/restart.ts')
  readonly 'operators/keyBy': typeof import('../../../src/operators/keyBy.ts')
  readonly 'operators/mapWithState': typeof import('../../../src/operators/mapWithState.ts')
  readonly 'operators/to': typeof import('../../../src/operators/to.ts')
  readonly 'sinks/kafkaSink': typeof import('../../../src/sinks/kafkaSink.ts')
  readonly 'sinks/partitioner': typeof import('../../../src/sinks/partitioner.ts')
  readonly 'sources/kafkaSource': typeof import('../../../src/sources/kafkaSource.ts')
  readonly 'time/watermarks': typeof import('../../../src/time/watermarks.ts')
  readonly 'kafka/brokerErrors': typeof import('../../../src/kafka/brokerErrors.ts')
  readonly 'checkpoint/storageKey': typeof import('../../../src/checkpoint/storageKey.ts')
}

const names: readonly (keyof Modules)[] = [
  'element',
  'errors',
  'serde/text',
  'job/deadLetter',
  'job/deadLetterJson',
  'job/defineJob',
  'job/execute',
  'job/execution',
  'job/shards/overShards',
  'job/restart',
  'operators/keyBy',
  'operators/mapWithState',
  'operators/to',
  'sinks/kafkaSink',
  'sinks/partitioner',
  'sources/kafkaSource',
  'time/watermarks',
  'kafka/brokerErrors',
  'checkpoint/storageKey',
]

export type Rxweft = Modules

/** The sources as they are. */
export const ownSources = join(import.meta.dirname, '../../../src')

export async function loadRxweft(folder = ownSources): Promise<Rxweft> {
  const load = async (name: string) => [name, await import(pathToFileURL(join(folder, `${name}.ts`)).href)] as const
  return Object.fromEntries(await Promise.all(names.map(load))) as unknown as Rxweft
}
