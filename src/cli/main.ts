#!/usr/bin/env node
/** `rxweft status`: what a job does, read from its cluster. */
import { sleep, systemClock } from '../clock.ts'
import { toError } from '../errors.ts'
import { type KafkaCluster, kafkaCluster } from '../kafka/cluster.ts'
import type { KafkaClusterConfig } from '../kafka/driver/driverSettings.ts'
import { type StatusArguments, statusArguments, usage } from './arguments.ts'
import { clusterConfig } from './clusterConfig.ts'
import { jobStatus } from './jobStatus.ts'
import { readFacts } from './readFacts.ts'
import { showStatus } from './showStatus.ts'

/** Pause between two prints of --watch, ms. */
const interval = 1_000

async function clusterOf({ brokers, config }: StatusArguments): Promise<KafkaCluster> {
  const options = config === null ? {} : await clusterConfig(config)
  return kafkaCluster({ ...options, ...(brokers === null ? {} : { brokers }) } as KafkaClusterConfig)
}

async function status(cluster: KafkaCluster, { job, prefix, watch, json }: StatusArguments): Promise<void> {
  const { signal } = new AbortController()
  const connections = await cluster.connect('status')
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

async function main(): Promise<void> {
  const given = statusArguments(process.argv.slice(2))
  if (given === null) return console.log(usage)
  const cluster = await clusterOf(given)
  await status(cluster, given).catch((thrown) => fail(thrown, 1))
}

function fail(thrown: unknown, code: number): void {
  console.error(toError(thrown).message)
  process.exitCode = code
}

await main().catch((thrown) => fail(thrown, 2))
