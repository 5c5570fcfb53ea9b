/** One scenario of a fault test: a source topic that is fed with numbered lines, the uppercase program, and the verdict of Java. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { numberedLine, partitions } from '../../examples/demo/ground.ts'
import { verdict } from '../../examples/demo/verdict.ts'
import { kafkaCluster } from '../../src/kafka/cluster.ts'
import { consoleConsume } from '../support/consoleConsumer.ts'
import { type Program, startProgram } from '../support/program.ts'
import { topicEnds } from '../support/topicEnds.ts'
import { feeder } from './feeder.ts'

export interface Scenario {
  /** Appends so many more lines; resolves when the broker has them all. */
  feed(lines: number): Promise<void>
  /** Feeds on, a little at a time, until `until` resolves. */
  feedUntil(until: Promise<unknown>): Promise<void>
  start(more?: readonly string[], env?: Readonly<Record<string, string>>): Program
  /** Resolves when no transaction is open in the sink and the ledger: those of the dead are aborted by then. */
  decided(): Promise<void>
  /** Runs the program until everything is processed, and lets Java count: "100 in, 100 out, 0 lost, ...". */
  verdict(): Promise<string>
  /** What the verdict is when all is well. */
  readonly allWell: string
  close(): Promise<void>
}

/**
 * @param direct where the test itself talks to the broker, `reached` where the program does: host:port
 */
export async function scenario(direct: string, reached: string): Promise<Scenario> {
  const job = `faults-${randomUUID().slice(0, 8)}`
  const [source, sink] = [`${job}-source`, `${job}-sink`]
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-faults-'))
  const feeding = await feeder(direct, source)
  await createTopics(direct, [source, sink])
  const programs: Program[] = []
  let fed = 0

  async function feed(lines: number): Promise<void> {
    await feeding.send(Array.from({ length: lines }, (_, at) => numberedLine(fed + at + 1)))
    fed += lines
  }

  function start(more: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Program {
    const where = ['--brokers', reached, '--source', source, '--sink', sink, '--job', job, '--checkpoints', folder]
    const program = startProgram([...where, '--interval', '100', '--verbose', ...more], env)
    programs.push(program)
    return program
  }

  return {
    feed,
    async feedUntil(until) {
      let over = false
      until.then(
        () => (over = true),
        () => (over = true),
      )
      for (; !over; await pause(10)) await feed(40)
      await until
    },
    start,
    async decided() {
      for (const topic of [sink, `rxweft-${job}-ledger`]) {
        for (;;) {
          const [all, decided] = await Promise.all([
            topicEnds([direct], topic, 'read_uncommitted'),
            topicEnds([direct], topic, 'read_committed'),
          ])
          if (all.join() === decided.join()) break
          await pause(50)
        }
      }
    },
    async verdict() {
      const last = start(['--until', 'latest'])
      const how = await last.ended
      if (how !== 0) throw new Error(`the last run ended with ${how}:\n${last.said}`)
      const output = await consoleConsume([direct], sink)
      return verdict(
        output.map(({ partition, value }) => ({ partition, text: String(value) })),
        fed,
        0,
      ).line
    },
    get allWell() {
      return `${fed} in, ${fed} out, 0 lost, 0 duplicated, 0 reordered, 0 kills`
    },
    async close() {
      await Promise.all(programs.map((program) => program.kill()))
      await feeding.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function createTopics(broker: string, topics: readonly string[]): Promise<void> {
  const admin = kafkaCluster({ brokers: [broker] }).admin()
  await admin.connect()
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: partitions })),
    waitForLeaders: true,
  })
  await admin.disconnect()
}
