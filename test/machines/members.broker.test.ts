/**
 * One job in three processes, on a real broker: killed, frozen for longer than the session, asked to leave, rolled one after the other,
 * all the while fed. In the end each key has been counted from 1 to the last, each time once and in order, as Kafka's own console
 * consumer sees it: what one undisturbed process would have written.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { fileStorage } from '../../src/checkpoint/fileStorage.ts'
import { findSavepoint } from '../../src/checkpoint/savepoints/savepoints.ts'
import { consoleConsume, oracleAvailable } from '../../tools/support/consoleConsumer.ts'
import type { Program } from '../../tools/support/program.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'

const brokers = inject('brokers')
const possible = brokers.length > 0 && (await oracleAvailable())
const main = join(import.meta.dirname, 'programs/countingMember.ts')
const [partitions, shards] = [6, 6]

/** Only against what hangs, ms: a busy machine takes half a minute to start three processes with their threads. */
const patience = 180_000

interface Ground {
  readonly topics: Topics
  readonly job: string
  readonly folder: string
  readonly output: string
  start(instance: string): Program
  /** Writes a round of records to each partition. */
  feed(rounds: number): Promise<void>
  /** Feeds until it is true. */
  until(what: string, is: () => boolean): Promise<void>
  /** Waits until everything is counted, stops the job, and compares. */
  judge(programs: readonly Program[]): Promise<void>
}

async function ground(): Promise<Ground> {
  const topics = await testTopics(brokers)
  const [input, output] = [await topics.create(partitions), await topics.create(partitions)]
  const job = topics.name('counting').replaceAll('.', '-')
  const folder = await mkdtemp(join(tmpdir(), 'rxweft-members-'))
  let fed = 0
  onTestFinished(async () => {
    await topics.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function feed(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      for (let partition = 0; partition < partitions; partition++) {
        const records = [0, 1].map((key) => ({ key: null, value: `p${partition}k${key}` }))
        await topics.append(input, records, partition)
      }
      fed += 1
    }
  }

  return {
    ...{ topics, job, folder, output, feed },
    start: (instance) =>
      testProgram([brokers.join(','), job, input, output, folder, String(shards), instance], {}, main),
    async until(what, is) {
      const limit = Date.now() + patience
      while (!is()) {
        if (Date.now() > limit) throw new Error(`not within ${patience} ms: ${what}`)
        await feed(1)
        await pause(50)
      }
    },
    async judge(programs) {
      const limit = Date.now() + 60_000
      const expected = fed * partitions * 2
      for (;;) {
        // Markers have offsets, too: what was read is counted at the end.
        const ends = await topicEnds(brokers, output, 'read_committed')
        if (ends.every((end) => end >= fed * 2) || Date.now() > limit) break
        await pause(200)
      }
      await pause(1_500)
      programs.find(({ alive }) => alive)?.signal('SIGINT')
      for (const program of programs) expect([0, 'SIGKILL'], program.said).toContain(await program.ended)
      const values = (await consoleConsume(brokers, output)).map(({ value }) => String(value))
      const counts = new Map<string, number[]>()
      for (const value of values) {
        const [key = '', count = ''] = value.split(':')
        counts.set(key, [...(counts.get(key) ?? []), Number(count)])
      }
      expect(values).toHaveLength(expected)
      const right = Array.from({ length: fed }, (_, at) => at + 1)
      for (const its of counts.values()) expect(its).toEqual(right)
      expect(counts.size).toBe(partitions * 2)
    },
  }
}

/** Shards that a process says to have taken over, and not released since. */
function shardsOf({ said }: Program): readonly number[] {
  const own = new Set<number>()
  for (const line of said.split('\n')) {
    if (!line.startsWith('{"at"')) continue
    const { type, shard } = JSON.parse(line) as { type: string; shard: number }
    if (type === 'shard-taken-over') own.add(shard)
    if (type === 'shard-released') own.delete(shard)
  }
  return [...own].sort()
}

const runs = (program: Program, count: number) => (): boolean => shardsOf(program).length === count

describe.skipIf(!possible)('a job in three processes on a real broker', { timeout: 900_000 }, () => {
  it('spreads its shards, and hands them over when a process leaves', async () => {
    const { start, feed, until, judge } = await ground()
    await feed(3)
    const [a, b, c] = [start('a'), start('b'), start('c')]
    await until('spread', () => [a, b, c].every((one) => runs(one, 2)()))
    b.signal('SIGTERM')
    await until('handed over', () => !b.alive)
    expect(b.said).toContain('"outcome":"left"')
    await until('taken over', () => shardsOf(a).length + shardsOf(c).length === shards)
    await judge([a, b, c])
  })

  it('stops in all of them, and keeps as a savepoint exactly what has become visible', async () => {
    const { start, feed, until, job, folder, output } = await ground()
    await feed(3)
    const all = [start('a'), start('b'), start('c')]
    await until('spread', () => all.every((one) => runs(one, 2)()))
    // What is fed last is not waited for: some of it is counted, and some is not.
    await feed(5)
    all[1]?.signal('SIGUSR2')
    for (const program of all) expect(await program.ended, program.said).toBe(0)
    const kept = await findSavepoint(fileStorage(folder), job, 'last')
    const splits = kept?.entries.flatMap(({ positions }) => positions.flatMap((one) => one.splits)) ?? []
    expect(splits).toHaveLength(partitions)
    const read = splits.reduce((sum, { offset }) => sum + Number(offset), 0)
    expect(await consoleConsume(brokers, output)).toHaveLength(read)
  })

  it('goes on without a killed process, which comes back at once under its name', async () => {
    const { start, feed, until, judge } = await ground()
    await feed(3)
    const [a, b] = [start('a'), start('b')]
    await until('spread', () => [a, b].every((one) => runs(one, 3)()))
    await b.kill()
    const killedAt = Date.now()
    const back = start('b')
    await until('back', runs(back, 3))
    // Less than the session: nothing has waited for it.
    console.log(`killed and restarted in place: ${Date.now() - killedAt} ms`)
    await back.kill()
    await until('missed', runs(a, 6))
    await judge([a, b, back])
  })

  it('takes nothing back from one that was frozen for longer than its session', async () => {
    const { start, feed, until, judge } = await ground()
    await feed(3)
    const [a, b, c] = [start('a'), start('b'), start('c')]
    await until('spread', () => [a, b, c].every((one) => runs(one, 2)()))
    c.signal('SIGSTOP')
    await until('missed', () => shardsOf(a).length + shardsOf(b).length === shards)
    c.signal('SIGCONT')
    const before = c.said.length
    await c.untilSaid(/"shard-taken-over"/, before)
    await feed(10)
    await judge([a, b, c])
  })

  it('comes through a rolling restart', async () => {
    const { start, feed, until, judge } = await ground()
    await feed(3)
    const all: Program[] = [start('a'), start('b'), start('c')]
    const current = new Map(['a', 'b', 'c'].map((name, at) => [name, all[at] as Program]))
    await until('spread', () => [...current.values()].every((one) => runs(one, 2)()))
    for (const [name, old] of current) {
      old.signal('SIGTERM')
      await until(`${name} has left`, () => !old.alive)
      const next = start(name)
      all.push(next)
      current.set(name, next)
      await until(`${name} is back`, () => [...current.values()].every((one) => runs(one, 2)()))
    }
    await judge(all)
  })
})
