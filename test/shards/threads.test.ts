/** Shards in real threads of a real program, on an embedded log. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Metric, MetricName } from 'rxweft'
import { describe, expect, it } from 'vitest'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import type { Program } from '../../tools/support/program.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { temporaryLog, valuesOf } from '../embedded/temporaryLog.ts'

const main = join(import.meta.dirname, 'programs/upper.ts')

/** Four partitions of three words, and in the second one "poison". */
async function fed(): Promise<EmbeddedLog> {
  const log = await temporaryLog({ in: 4, out: 4, other: 4 })
  for (const partition of [0, 1, 2, 3]) {
    const words = ['a', partition === 1 ? 'poison' : 'b', 'c']
    await log.append(
      'in',
      words.map((value) => ({ value, partition })),
    )
  }
  return log
}

function started(log: EmbeddedLog, shards: number, ...more: readonly string[]): Program {
  return testProgram([dirname(log.file), String(shards), ...more], {}, main)
}

const output = (log: EmbeddedLog, topic = 'out') => [0, 1, 2, 3].map((at) => valuesOf(log, topic, at).join(' '))
const all = ['A B C', 'A POISON C', 'A B C', 'A B C']
const linesOf = ({ said }: Program, line: string): number => said.split('\n').filter((one) => one === line).length

/** What it has printed last as JSON: the end. */
function endOf({ said }: Program): Record<string, unknown> {
  return JSON.parse(said.split('\n').findLast((line) => line.startsWith('{')) ?? '{}')
}

describe('a program with shards', { timeout: 240_000 }, () => {
  it('begins in each thread, ends in the main one, and there tells what happens in all of them', async () => {
    const log = await fed()
    const program = started(log, 2, '--until', 'latest')
    expect(await program.ended, program.said).toBe(0)
    expect(output(log)).toEqual(all)
    expect(endOf(program)).toMatchObject({ outcome: 'finished' })
    expect([linesOf(program, 'main begins'), linesOf(program, 'thread begins')]).toEqual([1, 2])
    expect([linesOf(program, 'main ends'), linesOf(program, 'thread ends')]).toEqual([1, 0])
    expect(program.said.match(/"type":"restored","checkpoint":0,"shard":[01]/g)).toHaveLength(2)
  })

  it('goes on in all threads where one of them leaves the block that holds the job', async () => {
    const log = await fed()
    const program = started(log, 2, '--until', 'latest', 'dispose')
    expect(await program.ended, program.said).toBe(0)
    expect(endOf(program)).toMatchObject({ outcome: 'finished' })
    expect(output(log)).toEqual(all)
    expect(linesOf(program, 'thread ends')).toBe(0)
  })

  it('takes a final checkpoint in each thread when it is asked to stop', async () => {
    const log = await fed()
    const program = started(log, 2)
    // What is not read by then is for the next run.
    while (output(log).some((line, at) => line !== all[at])) await pause(50)
    program.signal('SIGTERM')
    expect(await program.ended, program.said).toBe(0)
    expect(endOf(program)).toMatchObject({ outcome: 'stopped' })
    expect(program.said.match(/"final":true/g)).toHaveLength(2)
    expect(output(log)).toEqual(all)
  })

  it('tells the metrics of all threads in the main one', async () => {
    const log = await fed()
    const program = started(log, 2)
    while (output(log).some((line, at) => line !== all[at])) await pause(50)
    program.signal('SIGUSR2')
    const told = /^metrics (.*)$/m
    await program.untilSaid(told)
    const metrics: readonly Metric[] = JSON.parse(told.exec(program.said)?.[1] ?? '[]')
    const of = (name: MetricName) => metrics.filter((one) => one.name === name)
    const records = of('source.records').map(({ labels, value }) => [labels.shard, value])
    expect(records.sort()).toEqual([
      ['0', 6],
      ['1', 6],
    ])
    expect(of('source.lag').map(({ labels, value }) => [labels.partition, value])).toHaveLength(4)
    expect(of('source.bytes').every(({ value }) => value > 0) && of('sink.bytes').every(({ value }) => value > 0)).toBe(
      true,
    )
    expect(
      of('thread.heap')
        .map(({ labels }) => labels.thread)
        .sort(),
    ).toEqual(['main', 'shard-0', 'shard-1'])
    expect(of('thread.silence')).toHaveLength(2)
    expect(of('checkpoint.number').every(({ value }) => value > 0)).toBe(true)
    program.signal('SIGTERM')
    expect(await program.ended, program.said).toBe(0)
  })

  it('stops when a shard of it asks for that', async () => {
    const log = await fed()
    const program = started(log, 2, 'stop')
    expect(await program.ended, program.said).toBe(0)
    expect(endOf(program)).toMatchObject({ outcome: 'stopped' })
  })

  it.each(['die', 'throw'])('starts a thread again that ends without a word: %s', async (how) => {
    const log = await fed()
    const program = started(log, 2, '--until', 'latest', how)
    expect(await program.ended, program.said).toBe(0)
    expect(program.said).toMatch(/"type":"restarting".*SHARD_DIED.*"shard":1/)
    expect(linesOf(program, 'thread begins')).toBe(3)
    expect(output(log)).toEqual(all)
  })

  it('ends in all of them when one fails for good, with what that has failed with', async () => {
    const program = started(await fed(), 2, 'fatal')
    expect(await program.ended, program.said).toBe(1)
    // An operator that throws an error of ours passes it on as it is.
    expect(endOf(program)).toMatchObject({ code: 'POISONED', consequence: 'fatal', where: { shard: 1 } })
  })

  it.each([
    ['only-main', 'SHARD_NOT_STARTED'],
    ['before', 'SHARD_NOT_STARTED'],
    ['other-shards', 'BAD_OPTION'],
  ])('is told that its threads do something else: %s', async (what, code) => {
    const log = await fed()
    const program = started(log, 2, what)
    expect(await program.ended, program.said).toBe(1)
    expect(endOf(program)).toMatchObject({ code, consequence: 'fatal' })
    expect(output(log)).toEqual(['', '', '', ''])
  })

  it('ends a thread that is still on its way to execute there, and not in the middle of something', async () => {
    const log = await fed()
    const program = started(log, 2, 'late')
    expect(await program.ended, program.said).toBe(1)
    expect(endOf(program)).toMatchObject({ code: 'SHARD_NOT_STARTED' })
    expect(existsSync(join(dirname(log.file), 'late'))).toBe(true)
    expect(output(log)).toEqual(['', '', '', ''])
  })

  it('executes other jobs in the main thread alone', async () => {
    const log = await fed()
    const program = started(log, 2, '--until', 'latest', 'two-jobs')
    expect(await program.ended, program.said).toBe(0)
    expect([output(log), output(log, 'other')]).toEqual([all, all])
    expect(program.said).not.toContain('restarting')
  })

  it('that is killed leaves no thread behind, and the next one goes on exactly', async () => {
    const log = await fed()
    for (let life = 0; life < 3; life++) {
      const program = started(log, 2)
      await program.untilSaid(/"type":"restored".*"shard":1/)
      for (const partition of [0, 1, 2, 3]) await log.append('in', [{ value: `${life}`, partition }])
      await pause(life * 40)
      await program.kill()
    }
    const last = started(log, 2, '--until', 'latest')
    expect(await last.ended, last.said).toBe(0)
    expect(output(log)).toEqual(all.map((line) => `${line} 0 1 2`))
  })
})
