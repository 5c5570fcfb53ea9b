/** A site: a job that faults happen to, one after the other, its topics and snapshots, and the verdict of Java in the end. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partitions } from '../../examples/demo/ground.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { endGuard } from '../../tools/broker/endGuard.ts'
import { consoleConsume } from '../../tools/support/consoleConsumer.ts'
import type { Program } from '../../tools/support/program.ts'
import type { Arena } from './arena.ts'
import { type Count, count } from './count.ts'
import { type Feeding, feeding } from './feeding.ts'
import { type Programs, programs } from './programs.ts'

export interface Site {
  readonly arena: Arena
  readonly random: () => number
  readonly source: string
  readonly sink: string
  /** Its name; who changes it begins anew, at the start of what is left of the source. */
  job: string
  /** The folder of the snapshots. */
  checkpoints: string
  readonly lines: Feeding
  readonly copies: Programs
  /** A copy without arguments of its own, alone, that has taken a checkpoint. */
  running(): Promise<Program>
  /** The job is stopped as a user would stop it. */
  stop(): Promise<void>
  /** Feeds on until there is a new checkpoint, of a new copy where none is alive; resolves with how long that took, ms. */
  recovery(): Promise<number>
  /** Runs the job until everything is processed, and lets Java count. */
  judge(): Promise<Count>
  /** What is to be done in the end. */
  atEnd(close: () => Promise<void>): void
  close(): Promise<void>
}

const committed = /checkpoint \d+ committed/

export async function openSite(arena: Arena, random: () => number): Promise<Site> {
  const { direct, proxy } = arena
  const job = `faults-${randomUUID().slice(0, 8)}`
  const [source, sink] = [`${job}-source`, `${job}-sink`]
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-faults-'))
  // It goes, should this process be killed.
  const guard = endGuard('rm -rf "$1"', [folder])
  await createTopics(direct, [source, sink])
  const lines = await feeding(direct, source)
  const copies = programs(() => [
    ...['--brokers', proxy.address, '--source', source, '--sink', sink],
    ...['--job', site.job, '--checkpoints', site.checkpoints],
  ])
  const atEnd = [copies.kill, lines.close, () => rm(folder, { recursive: true, force: true }).then(guard.dismiss)]

  const site: Site = {
    ...{ arena, random, source, sink, job, lines, copies },
    checkpoints: folder,
    async running() {
      const program = await copies.plain()
      await lines.feedUntil(program.untilSaid(committed))
      return program
    },
    async stop() {
      const program = await site.running()
      program.signal('SIGTERM')
      const how = await program.ended
      if (how !== 0) throw new Error(`the job was to stop, and ended with ${how}:\n${program.said}`)
    },
    async recovery() {
      const healed = performance.now()
      const program = copies.current ?? copies.start()
      await lines.feedUntil(program.untilSaid(committed, program.said.length))
      return performance.now() - healed
    },
    async judge() {
      await copies.finish()
      const output = await consoleConsume([direct], sink)
      const texts = output.map(({ partition, value }) => ({ partition, text: String(value) }))
      return count(texts, lines.fed, lines.gone)
    },
    atEnd: (close) => void atEnd.push(close),
    async close() {
      for (const close of atEnd) await close()
    },
  }
  return site
}

async function createTopics(broker: string, topics: readonly string[]): Promise<void> {
  const admin = kafkaCluster({ brokers: [broker] }).admin()
  await admin.connect()
  const each = topics.map((topic) => ({ topic, numPartitions: partitions }))
  await admin.createTopics({ topics: each, waitForLeaders: true })
  await admin.disconnect()
}
