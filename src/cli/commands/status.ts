import { Command } from 'commander'
import { sleep, systemClock } from '../../clock.ts'
import { type JobOptions, withConnections, withJob } from '../cluster.ts'
import { jobStatus } from '../jobStatus.ts'
import { readFacts } from '../readFacts.ts'
import { readingOf } from '../reading.ts'
import { showStatus } from '../showStatus.ts'
import { print } from '../tell.ts'

/** Pause between two prints of --watch, ms. */
const interval = 1_000

interface Options extends JobOptions {
  readonly watch: boolean
  readonly json: boolean
}

/** Shards, owners, age of the last checkpoint, lag and size of a job, read from its cluster. */
export function statusCommand(): Command {
  return withJob(new Command('status'))
    .description('print shards, owners, age of the last checkpoint, lag and size of a job, from its cluster')
    .option('--watch', 'print it again each second, until Ctrl-C', false)
    .option('--json', 'print JSON, one line each time', false)
    .action(status)
}

async function status({ job, prefix, watch, json, ...cluster }: Options): Promise<void> {
  const { signal } = new AbortController()
  await withConnections(cluster, 'status', async (connections) => {
    const reading = readingOf(connections)
    do {
      const now = jobStatus(await readFacts(reading, { job, prefix }))
      if (watch && !json && process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H')
      print(json, now, () => showStatus(now))
      if (watch) await sleep(systemClock, interval, signal)
    } while (watch)
  })
}
