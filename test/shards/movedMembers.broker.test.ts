/**
 * A job in two processes on a real broker, which gets another number of shards while it is fed, and whose processes are killed while slots
 * move. In the end each word has been counted from 1 to the last, each time once and in order, as Kafka's own console consumer sees it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { consoleConsume, oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import type { Program } from '../../tools/support/program.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { testTopics } from '../../tools/support/topics.ts'
import { anySeed, seededRandom } from '../faults/seededRandom.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())
const main = join(import.meta.dirname, 'programs/movedMember.ts')
const words = Array.from({ length: 24 }, (_, at) => `word${at}`)
const [partitions, patience] = [4, 90_000]
const seed = anySeed()

async function ground() {
  const topics = await testTopics(brokers)
  const [input, output] = [await topics.create(partitions), await topics.create(6)]
  const job = topics.name('moved').replaceAll('.', '-')
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-moved-'))
  let rounds = 0
  onTestFinished(async () => {
    await topics.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Each word once. */
  async function feed(): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      const its = words.filter((_, at) => at % partitions === partition)
      await topics.append(
        input,
        its.map((value) => ({ key: null, value })),
        partition,
      )
    }
    rounds += 1
  }

  return {
    start: (instance: string, numbers: readonly number[]): Program =>
      testProgram([brokers.join(','), job, input, output, folder, instance, numbers.join()], {}, main),
    async until(what: string, is: () => boolean): Promise<void> {
      const limit = Date.now() + patience
      while (!is()) {
        if (Date.now() > limit) throw new Error(`not within ${patience} ms: ${what}`)
        await feed()
        await pause(50)
      }
    },
    async judge(programs: readonly Program[]): Promise<void> {
      const limit = Date.now() + 60_000
      for (;;) {
        const ends = await topicEnds(brokers, output, 'read_committed')
        // Markers have offsets, too: what was read is counted at the end.
        if (ends.reduce((sum, end) => sum + end, 0) >= rounds * words.length || Date.now() > limit) break
        await pause(200)
      }
      await pause(1_500)
      programs.find(({ alive }) => alive)?.signal('SIGINT')
      for (const program of programs) expect([0, 'SIGKILL'], program.said).toContain(await program.ended)
      const counts = new Map<string, number[]>()
      for (const { value } of await consoleConsume(brokers, output)) {
        const [word = '', count = ''] = String(value).split(':')
        counts.set(word, [...(counts.get(word) ?? []), Number(count)])
      }
      expect([...counts.keys()].sort()).toEqual([...words].sort())
      const right = Array.from({ length: rounds }, (_, at) => at + 1)
      for (const its of counts.values()) expect(its).toEqual(right)
    },
  }
}

function told({ said }: Program, type: string): readonly { readonly plan?: number; readonly shard?: number }[] {
  return said
    .split('\n')
    .filter((line) => line.startsWith('{"at"'))
    .map((line) => JSON.parse(line))
    .filter((event) => event.type === type)
}

describe.skipIf(!possible)(`a job in two processes, RXWEFT_SEED=${seed},`, { timeout: 300_000 }, () => {
  it('has 3, 5, 1 and 4 shards one after the other, and has counted each word once, and in order', async () => {
    const { start, until, judge } = await ground()
    const [a, b] = [start('a', [5, 4]), start('b', [1])]
    await until('spread', () => told(a, 'shard-taken-over').length > 0 && told(b, 'shard-taken-over').length > 0)
    const moved = (program: Program, times: number) => () => told(program, 'moved').length === times
    for (const [program, times] of [
      [a, 1],
      [b, 1],
      [a, 2],
    ] as const) {
      program.signal('SIGUSR2')
      await until('moved', moved(program, times))
    }
    await judge([a, b])
  })

  it('finishes moves whose processes are killed at any moment', async () => {
    const random = seededRandom(seed)
    const { start, until, judge } = await ground()
    const programs = { a: start('a', []), b: start('b', []) }
    const all: Program[] = Object.values(programs)
    await until('spread', () => all.every((one) => told(one, 'shard-taken-over').length > 0))
    for (const shards of [2, 5, 3]) {
      // Each asks for another number; one of them dies meanwhile, perhaps the one that moves.
      const [asked, victim] = [random() < 0.5 ? ('a' as const) : ('b' as const), random() < 0.5 ? 'a' : 'b'] as const
      await programs[asked].kill()
      programs[asked] = start(asked, [shards])
      all.push(programs[asked])
      await until('back', () => told(programs[asked], 'shard-taken-over').length > 0)
      programs[asked].signal('SIGUSR2')
      await pause(600 * random())
      await programs[victim].kill()
      programs[victim] = start(victim, [])
      all.push(programs[victim])
      const runs = () => told(programs[victim], 'shard-taken-over').length > 0
      await until(`back while it gets ${shards} shards`, runs)
    }
    await judge(all)
  })
})
