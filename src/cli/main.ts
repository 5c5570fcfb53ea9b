#!/usr/bin/env node
/** `rxweft status`: what a job does, read from its cluster. */
import { sleep, systemClock } from '../clock.ts'
import { toError } from '../errors.ts'
import { kafkaCluster } from '../kafka/cluster.ts'
import { type StatusArguments, statusArguments, usage } from './arguments.ts'
import { jobStatus } from './jobStatus.ts'
import { readFacts } from './readFacts.ts'
import { showStatus } from './showStatus.ts'

/** Pause between two prints of --watch, ms. */
const interval = 1_000

async function status({ brokers, job, prefix, watch, json }: StatusArguments): Promise<void> {
  const { signal } = new AbortController()
  const connections = await kafkaCluster({ brokers }).connect('status')
  try {
    do {
      const now = jobStatus(await readFacts(connections, { job, prefix }, systemClock, signal))
      const clear = watch && !json && process.stdout.isTTY ? '\x1b[2J\x1b[H' : ''
      process.stdout.write(`${clear}${json ? JSON.stringify(now) : showStatus(now)}\n`)
      if (watch) await sleep(systemClock, interval, signal)
    } while (watch)
  } finally {
    await connections.close()
  }
}

function fail(thrown: unknown, code: number): void {
  console.error(toError(thrown).message)
  process.exitCode = code
}

let given: StatusArguments | null | undefined
try {
  given = statusArguments(process.argv.slice(2))
} catch (thrown) {
  fail(thrown, 2)
}
if (given === null) console.log(usage)
else if (given !== undefined) await status(given).catch((thrown) => fail(thrown, 1))
