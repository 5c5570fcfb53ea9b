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
  readonly 'job/badRecords/deadLetter': typeof import('../../../src/job/badRecords/deadLetter.ts')
  readonly 'job/badRecords/deadLetterJson': typeof import('../../../src/job/badRecords/deadLetterJson.ts')
  readonly 'job/defineJob': typeof import('../../../src/job/defineJob.ts')
  readonly 'job/execute': typeof import('../../../src/job/execute.ts')
  readonly 'job/execution': typeof import('../../../src/job/execution.ts')
  readonly 'job/shards/main/hangWatch': typeof import('../../../src/job/shards/main/hangWatch.ts')
  readonly 'job/shards/main/overShards': typeof import('../../../src/job/shards/main/overShards.ts')
  readonly 'job/planning': typeof import('../../../src/job/planning.ts')
  readonly 'job/members/memberJob': typeof import('../../../src/job/members/memberJob.ts')
  readonly 'job/members/shardRun': typeof import('../../../src/job/members/shardRun.ts')
  readonly 'job/savepoints/savepointsOf': typeof import('../../../src/job/savepoints/savepointsOf.ts')
  readonly 'job/restart': typeof import('../../../src/job/restart.ts')
  readonly 'operators/keyBy': typeof import('../../../src/operators/keyBy.ts')
  readonly 'operators/map': typeof import('../../../src/operators/map.ts')
  readonly 'operators/mapWithState': typeof import('../../../src/operators/mapWithState.ts')
  readonly 'operators/share': typeof import('../../../src/operators/share.ts')
  readonly 'operators/to': typeof import('../../../src/operators/to.ts')
  readonly 'kafka/members/kafkaMembers': typeof import('../../../src/kafka/members/kafkaMembers.ts')
  readonly 'kafka/ledger/ledgerStorage': typeof import('../../../src/kafka/ledger/ledgerStorage.ts')
  readonly 'kafka/repartition/kafkaRepartition': typeof import('../../../src/kafka/repartition/kafkaRepartition.ts')
  readonly 'operators/sideOutput': typeof import('../../../src/operators/sideOutput.ts')
  readonly 'operators/window': typeof import('../../../src/operators/window.ts')
  readonly 'time/windows': typeof import('../../../src/time/windows.ts')
  readonly 'kafka/sink/kafkaSink': typeof import('../../../src/kafka/sink/kafkaSink.ts')
  readonly 'sinks/partitioner': typeof import('../../../src/sinks/partitioner.ts')
  readonly 'kafka/source/kafkaSource': typeof import('../../../src/kafka/source/kafkaSource.ts')
  readonly 'time/watermarks': typeof import('../../../src/time/watermarks.ts')
  readonly 'kafka/nodes/brokerErrors': typeof import('../../../src/kafka/nodes/brokerErrors.ts')
  readonly 'checkpoint/storageKey': typeof import('../../../src/checkpoint/storageKey.ts')
  readonly 'checkpoint/storageLedger': typeof import('../../../src/checkpoint/storageLedger.ts')
  readonly 's3/bucketStorage': typeof import('../../../src/s3/bucketStorage.ts')
}

const names: readonly (keyof Modules)[] = [
  'element',
  'errors',
  'serde/text',
  'job/badRecords/deadLetter',
  'job/badRecords/deadLetterJson',
  'job/defineJob',
  'job/execute',
  'job/execution',
  'job/shards/main/hangWatch',
  'job/shards/main/overShards',
  'job/planning',
  'job/members/memberJob',
  'job/members/shardRun',
  'job/savepoints/savepointsOf',
  'job/restart',
  'operators/keyBy',
  'operators/map',
  'operators/mapWithState',
  'operators/share',
  'operators/to',
  'kafka/members/kafkaMembers',
  'kafka/ledger/ledgerStorage',
  'kafka/repartition/kafkaRepartition',
  'operators/sideOutput',
  'operators/window',
  'time/windows',
  'kafka/sink/kafkaSink',
  'sinks/partitioner',
  'kafka/source/kafkaSource',
  'time/watermarks',
  'kafka/nodes/brokerErrors',
  'checkpoint/storageKey',
  'checkpoint/storageLedger',
  's3/bucketStorage',
]

export type Rxweft = Modules

/** The sources as they are. */
export const ownSources = join(import.meta.dirname, '../../../src')

export async function loadRxweft(folder = ownSources): Promise<Rxweft> {
  const load = async (name: string) => [name, await import(pathToFileURL(join(folder, `${name}.ts`)).href)] as const
  return Object.fromEntries(await Promise.all(names.map(load))) as unknown as Rxweft
}
