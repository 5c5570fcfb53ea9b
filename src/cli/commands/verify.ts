import { Command, Option } from 'commander'
import { type ClusterOptions, withCluster, withConnections } from '../cluster.ts'
import type { LedgerFact } from '../jobStatus.ts'
import { readFacts } from '../readFacts.ts'
import { readingOf } from '../reading.ts'
import { grouped } from '../table.ts'
import { exitCodes, print } from '../tell.ts'
import { type ComparedBy, comparison, type Fault, type Verdict } from '../verify/comparison.ts'
import { type Ends, readTopic } from '../verify/readTopic.ts'

interface Options extends ClusterOptions {
  readonly source: string
  readonly sink: string
  readonly by: ComparedBy
  readonly job?: string
  readonly prefix: string
  readonly json: boolean
}

/** Compares two topics: what is lost, doubled or reordered. */
export function verifyCommand(): Command {
  const by = new Option('--by <part>', 'what makes two records the same').choices(['value', 'key']).default('value')
  return withCluster(new Command('verify'))
    .description('compare a topic that a job reads with one that it writes: lost, doubled and reordered records')
    .requiredOption('--source <topic>', 'topic that the job reads')
    .requiredOption('--sink <topic>', 'topic that the job writes')
    .addOption(by)
    .option('--job <name>', 'count the source up to the last checkpoint of this job; without it, up to its end')
    .option('--prefix <prefix>', "transactionalIdPrefix of the job's sinks", 'rxweft')
    .option('--json', 'print JSON', false)
    .action(verify)
}

async function verify({ source, sink, by, job, prefix, json, ...cluster }: Options): Promise<void> {
  await withConnections(cluster, 'verify', async (connections) => {
    const reading = readingOf(connections)
    const compared = comparison(by)
    // The checkpoint first: what it covers is in the sink by then.
    const ends = job === undefined ? undefined : endsOf((await readFacts(reading, { job, prefix })).ledger, source)
    await readTopic(reading, source, compared.read, ends)
    await readTopic(reading, sink, compared.written)
    const verdict = compared.verdict()
    print(json, verdict, () => shown(verdict))
    const { lost, doubled, reordered } = verdict
    if (lost.count + doubled.count + reordered.count > 0) process.exitCode = exitCodes.failed
  })
}

/** Offsets of the last checkpoint in a topic, by partition. */
function endsOf(ledger: readonly (LedgerFact | null)[], topic: string): Ends {
  const positions = ledger.flatMap((fact) => fact?.entry.positions ?? [])
  const splits = positions.flatMap((position) => position.splits).filter((split) => split.topic === topic)
  return new Map(splits.map(({ partition, offset }) => [partition, offset]))
}

function shown({ source, sink, ...faults }: Verdict): string {
  const { lost, doubled, reordered } = faults
  const sum = `${grouped(source)} in, ${grouped(sink)} out, ${lost.count} lost, ${doubled.count} doubled, ${reordered.count} reordered`
  return [...Object.entries(faults).flatMap(([name, fault]) => shownFault(name, fault)), sum].join('\n')
}

function shownFault(name: string, { count, places }: Fault): readonly string[] {
  if (count === 0) return []
  const shownPlaces = places.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`)
  return [`${name}: ${shownPlaces.join(' ')}${count > places.length ? ' ...' : ''}`]
}
