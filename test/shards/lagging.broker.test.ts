/**
 * Two shards in processes of their own, with a repartition topic between them, on a real broker. One is killed with SIGKILL under load and held
 * down while the other goes on; behind the topic the same must be counted, and the same be late, as in a run that nobody disturbed.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { readCommitted } from '../../examples/demo/readCommitted.ts'
import { consoleConsume, oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import type { Program } from '../../tools/support/program.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { temporaryFolder } from '../checkpoint/temporaryFolder.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())
const main = join(import.meta.dirname, 'programs/oneShard.ts')
const keys = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']
const seconds = 100

describe.skipIf(!possible)('behind a repartition topic', { timeout: 300_000 }, () => {
  let topics: Topics

  beforeAll(async () => {
    topics = await testTopics(brokers)
  })

  afterAll(() => topics.close())

  async function run(disturbed: boolean) {
    const prefix = topics.name(disturbed ? 'disturbed' : 'quiet')
    const [folder, me] = [await temporaryFolder(), randomUUID()]
    for (const [name, partitions] of Object.entries({ in: 2, out: 2, late: 2 }))
      await topics.create(partitions, {}, `${prefix}-${name}`)
    const start = async (shard: number, until = ''): Promise<Program> => {
      const program = testProgram([brokers.join(), prefix, me, String(shard), folder, until], {}, main)
      await program.untilSaid(/restored/)
      return program
    }
    const feed = (second: number) =>
      Promise.all(
        [0, 1].map((partition) =>
          topics.append(
            `${prefix}-in`,
            keys.map((key) => ({ value: `${key} ${second}`, timestamp: second * 1_000 + 1 })),
            partition,
          ),
        ),
      )
    const counted = async () => (await readCommitted(brokers, `${prefix}-out`, 'decided')).length

    const zero = await start(0)
    let one = await start(1)
    for (let second = 0; second <= seconds; second++) {
      await feed(second)
      await pause(50)
      if (disturbed && second === 30) await one.kill()
    }
    if (disturbed) {
      await pause(4_000)
      one = await start(1)
    }
    // All windows but the one of the last record.
    while ((await counted()) < (keys.length * seconds) / 10) await pause(100)
    await feed(5)
    await pause(500)
    for (const program of [zero, one]) await program.kill()
    const ends = [await start(0, 'latest'), await start(1, 'latest')]
    expect(await Promise.all(ends.map(({ ended }) => ended))).toEqual([0, 0])
    const judged = async (topic: string) =>
      (await consoleConsume(brokers, `${prefix}-${topic}`)).map(({ value }) => value).sort()
    return { out: await judged('out'), late: await judged('late') }
  }

  it('a shard that is killed and held down under load makes nothing late', async () => {
    const quiet = await run(false)
    expect(quiet.late).toEqual([...keys, ...keys].map((key) => `${key} 5`).sort())
    expect(quiet.out).toHaveLength((keys.length * seconds) / 10 + keys.length)
    expect(await run(true)).toEqual(quiet)
  })
})
