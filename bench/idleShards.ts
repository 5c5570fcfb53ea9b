/**
 * CPU time and sockets of one process with many idle shards: the program of examples/machines, without input.
 *
 *   node --conditions=rxweft-source --import tsx bench/idleShards.ts [--shards 64] [--seconds 60]
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { jobStatus } from '../src/cli/jobStatus.ts'
import { readFacts } from '../src/cli/readFacts.ts'
import { readingOf } from '../src/cli/reading.ts'
import { kafkaCluster } from '../src/kafka/cluster.ts'
import { startJavaBroker } from '../tools/broker/javaBroker.ts'
import { startProgram } from '../tools/support/program.ts'
import { testTopics } from '../tools/support/topics.ts'

const { values } = parseArgs({
  options: { shards: { type: 'string', default: '64' }, seconds: { type: 'string', default: '60' } },
})
const [shards, seconds] = [Number(values.shards), Number(values.seconds)]
/** Of /proc/PID/stat: USER_HZ, which is 100 on Linux. */
const ticks = 100

async function cpu(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticks
}

async function sockets(pid: number): Promise<number> {
  const names = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return links.filter((link) => link.startsWith('socket:')).length
}

const broker = await startJavaBroker({ startTimeout: 180_000 })
try {
  const topics = await testTopics(broker.brokers)
  for (const name of ['lines', 'counts']) await topics.create(shards, {}, name)
  const env = {
    ...{ KAFKA_BROKERS: broker.brokers.join(','), SHARDS: String(shards), INTERVAL: '100', PORT: '0' },
    ...{ INSTANCE: 'idle' },
  }
  const started = performance.now()
  const program = startProgram([], env, join(import.meta.dirname, '../examples/machines/wordCount.ts'))
  const connections = await kafkaCluster({ brokers: broker.brokers }).connect('bench')
  const reading = readingOf(connections)
  const run = async (): Promise<boolean> => {
    const { shards: all } = jobStatus(await readFacts(reading, { job: 'many-cores', prefix: 'rxweft' }))
    return all.filter(({ checkpoint }) => (checkpoint ?? 0) > 0).length === shards
  }
  while (!(await run().catch(() => false))) {
    if (!program.alive) throw new Error(program.said)
    await pause(200)
  }
  await connections.close()
  console.log(`${shards} shards have committed after ${((performance.now() - started) / 1_000).toFixed(1)} s`)
  // The first checkpoint of each is made in any case.
  await pause(5_000)
  const before = await cpu(program.pid)
  await pause(seconds * 1_000)
  const share = ((await cpu(program.pid)) - before) / seconds
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8')
  const memory = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024
  console.log(
    `idle: ${(share * 100).toFixed(1)} % of a core, ${await sockets(program.pid)} sockets, ${memory.toFixed(0)} MiB`,
  )
  await program.kill()
  await topics.close()
} finally {
  await broker.stop()
}
