import { Command } from 'commander'
import { groupName, ledgerTopicName } from '../../checkpoint/names.ts'
import { systemClock } from '../../clock.ts'
import type { Connections } from '../../kafka/nodes/connections.ts'
import { transactionRequests } from '../../kafka/sending/transactionRequests.ts'
import { openTransactions } from '../../kafka/sessions/openTransactions.ts'
import { type Confirmation, confirm } from '../ask.ts'
import { type ClusterOptions, withCluster, withConnections } from '../cluster.ts'
import { type JobTransaction, jobTransactions } from '../jobTransactions.ts'
import { readFacts } from '../readFacts.ts'
import { readingOf } from '../reading.ts'
import { counted, shownAge, table } from '../table.ts'
import { exitCodes, print, Refusal } from '../tell.ts'

interface Options extends ClusterOptions, Confirmation {
  readonly job?: string
  readonly prefix: string
  readonly topic: readonly string[]
  readonly abort: boolean
  readonly json: boolean
}

/** Open transactions: of a job, and of others that hold its readers back. */
export function transactionsCommand(): Command {
  return withCluster(new Command('transactions'))
    .description('print open transactions of a job, and of others that hold readers of its topics back')
    .option('--job <name>', 'name of the job; without it, all open transactions count')
    .option('--prefix <prefix>', "transactionalIdPrefix of the job's sinks", 'rxweft')
    .option('--topic <topic...>', 'topics whose readers count, besides the sources of the job', [])
    .option('--abort', 'end those of the job, by fencing their producers', false)
    .option('--yes', 'do not ask first', false)
    .option('--json', 'print JSON', false)
    .action(transactions)
}

async function transactions({ job, prefix, topic, abort, yes, json, ...cluster }: Options): Promise<void> {
  if (abort && job === undefined) throw new Refusal('--abort needs --job', exitCodes.wrongArguments)
  await withConnections(cluster, 'transactions', async (connections) => {
    const topics = job === undefined ? topic : [...topic, ...(await topicsOf(connections, job, prefix))]
    const found = jobTransactions(await openTransactions(connections), {
      own: job === undefined ? null : `${groupName(prefix, job)}/`,
      topics: topics.length === 0 ? null : new Set(topics),
      now: systemClock.now(),
    })
    print(json, found, () => shown(found))
    if (abort) await end(connections, found, { yes })
  })
}

/** Topics that the job reads, and its ledger. */
async function topicsOf(connections: Connections, job: string, prefix: string): Promise<readonly string[]> {
  const { ledger } = await readFacts(readingOf(connections), { job, prefix })
  const splits = ledger.flatMap((fact) => fact?.entry.positions.flatMap((position) => position.splits) ?? [])
  return [...new Set([ledgerTopicName(prefix, job), ...splits.map(({ topic }) => topic)])]
}

async function end(connections: Connections, all: readonly JobTransaction[], asked: Confirmation): Promise<void> {
  const own = all.filter((one) => one.own)
  if (own.length === 0) return
  const what = `Ends ${counted(own.length, 'transaction')} of the job: what they hold is dropped, and a running attempt of those shards is fenced and restarts.`
  await confirm(what, asked)
  const attempt = { clock: systemClock, signal: new AbortController().signal }
  for (const { transactionalId, timeout } of own) {
    await transactionRequests(attempt, connections, { transactionalId, transactionTimeout: timeout }).fence()
    console.error(`ended ${transactionalId}`)
  }
}

function shown(found: readonly JobTransaction[]): string {
  if (found.length === 0) return 'no open transactions'
  const rows = found.map(({ transactionalId, producerId, own, state, age, timeout, partitions }) => [
    ...[transactionalId, own ? 'this job' : 'other', state, shownAge(age), `${timeout / 1_000} s`, String(producerId)],
    partitions.map(({ topic, partition }) => `${topic}/${partition}`).join(' '),
  ])
  return table(['transactional id', 'owner', 'state', 'age', 'timeout', 'producer', 'partitions'], rows)
}
