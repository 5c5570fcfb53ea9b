import { Command } from 'commander'
import { decodeEntry } from '../../checkpoint/ledgerCodec.ts'
import { ledgerTopicName } from '../../checkpoint/names.ts'
import { earliest, latest } from '../../kafka/protocol/listOffsets.ts'
import { splitOffsets } from '../../kafka/reading/splitOffsets.ts'
import type { Split } from '../../record.ts'
import { type JobOptions, withConnections, withJob } from '../cluster.ts'
import { partitionsOf, type Reading, readingOf } from '../reading.ts'
import { grouped } from '../table.ts'
import { exitCodes, print, Refusal } from '../tell.ts'
import { type Origin, originOf, type WrittenEntry } from '../trace/origin.ts'
import { readBatchesOf } from '../trace/readBatchesOf.ts'
import { writtenBy } from '../trace/writtenBy.ts'

interface Options extends JobOptions {
  readonly json: boolean
}

/** The checkpoint that an output record belongs to, and the input that it was made of. */
export function traceCommand(): Command {
  return withJob(new Command('trace'))
    .description('print the checkpoint that an output record belongs to, and the input that this checkpoint has read')
    .argument('<place>', 'topic/partition/offset of the record')
    .option('--json', 'print JSON', false)
    .action(trace)
}

async function trace(place: string, { job, prefix, json, ...cluster }: Options): Promise<void> {
  const { split, offset } = parsed(place)
  await withConnections(cluster, 'trace', async (connections) => {
    const reading = readingOf(connections)
    const topic = ledgerTopicName(prefix, job)
    const partitions = await partitionsOf(reading, topic)
    if (partitions === null) throw new Refusal(`the cluster has no topic "${topic}", the ledger of the job`)
    const written = await writtenBy(reading, split, offset)
    const splits = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    const entries = await Promise.all(splits.map((ledger) => entriesOf(reading, ledger)))
    const origin = originOf(written, entries.flat())
    if (origin === null) {
      const which = `producer ${written.producerId}, epoch ${written.producerEpoch}`
      throw new Refusal(`the ledger has no entry of ${which}: it has compacted it, or the job has not written ${place}`)
    }
    print(json, origin, () => shown(origin))
  })
}

function parsed(place: string): { readonly split: Split; readonly offset: number } {
  const [, topic, partition, offset] = /^([^/]+)\/(\d+)\/(\d+)$/.exec(place) ?? []
  if (topic === undefined) throw new Refusal(`"${place}" is not topic/partition/offset`, exitCodes.wrongArguments)
  return { split: { topic, partition: Number(partition) }, offset: Number(offset) }
}

/** Entries of aborted transactions, too: none of their records was committed. */
async function entriesOf(reading: Reading, split: Split): Promise<readonly WrittenEntry[]> {
  const { attempt, connections, leaders } = reading
  const [from] = await splitOffsets(attempt, connections, leaders, [split], earliest)
  const [end] = await splitOffsets(attempt, connections, leaders, [split], latest, 'read_committed')
  const entries: WrittenEntry[] = []
  const place = `topic ${split.topic}, partition ${split.partition}`
  const range = { from: from as number, end: end as number }
  await readBatchesOf(reading, split, range, (batch) => {
    const { control, producerId, producerEpoch } = batch
    if (control) return false
    batch.records((record) => {
      const value = record.value()
      if (value === null) return
      const { timestamp: writtenAt } = record
      entries.push({ shard: split.partition, producerId, producerEpoch, writtenAt, entry: decodeEntry(value, place) })
    })
    return false
  })
  return entries
}

function shown({ shard, checkpoint, owner, committedAt, exact, input }: Origin): string {
  const ranges = input.map(({ source, topic, partition, from, to }) => {
    return `  ${source}: ${topic}/${partition} from ${grouped(from)} to ${grouped(to - 1)}`
  })
  return [
    `checkpoint ${checkpoint} of shard ${shard}, committed ${new Date(committedAt).toISOString()} by ${owner}`,
    exact ? 'made of' : 'made of a part of (the ledger no longer has the checkpoint before)',
    ...(ranges.length === 0 ? ['  no input: state or timers alone'] : ranges),
  ].join('\n')
}
