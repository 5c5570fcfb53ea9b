/** `rxweft rescale` and `rxweft move` as programs, beside a job in two processes on a real broker that goes on meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Program } from '../../tools/support/program.ts'
import { testProgram } from '../../tools/support/testProgram.ts'
import { topicEnds } from '../../tools/support/topicEnds.ts'
import { type Topics, testTopics } from '../../tools/support/topics.ts'
import { program } from './program.ts'

const brokers = inject('brokers')
const main = join(import.meta.dirname, '../shards/programs/movedMember.ts')

describe.skipIf(brokers.length === 0)('rxweft rescale and rxweft move', { timeout: 150_000 }, () => {
  let topics: Topics
  let folder: string

  beforeAll(async () => {
    topics = await testTopics(brokers)
    folder = await mkdtemp(join(tmpdir(), 'rxweft-rescale-'))
  })

  afterAll(async () => {
    await topics?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const steer = (job: string, ...args: readonly string[]): Program =>
    program(...args, '--brokers', brokers.join(','), '--job', job)

  /** Its exit code, and what it has printed as JSON. */
  async function done(job: string, ...args: readonly string[]) {
    const run = steer(job, ...args, '--yes', '--json')
    const code = await run.ended
    const lines = run.said.split('\n').filter((line) => line.startsWith('{'))
    return { code, said: run.said, last: JSON.parse(lines.at(-1) ?? '{}') }
  }

  it('give a running job other shards, say what refuses that, and what to do if no process lives', async () => {
    const [input, output] = [await topics.create(4), await topics.create(6)]
    const job = topics.name('steered').replaceAll('.', '-')
    const start = (instance: string) =>
      testProgram([brokers.join(','), job, input, output, folder, instance, ''], {}, main)
    const both = [start('a'), start('b')]
    let rounds = 0
    const feeding = (async () => {
      while (both.some(({ alive }) => alive) && rounds < 2_000) {
        for (let partition = 0; partition < 4; partition++)
          await topics.append(input, [{ key: null, value: `word${partition}` }], partition)
        rounds += 1
        await pause(50)
      }
    })()
    for (const one of both) await one.untilSaid(/"shard-taken-over"/)

    const more = await done(job, 'rescale', '5')
    expect(more.code, more.said).toBe(0)
    expect(more.last).toMatchObject({ state: 'moved', shards: 5 })

    const one = await done(job, 'move', '--slots', '0', '--to', '4')
    expect(one.code, one.said).toBe(0)
    const again = await done(job, 'move', '--slots', '0', '--to', '4')
    expect([again.code, again.last.state]).toEqual([0, 'nothing'])

    const tooMany = await done(job, 'rescale', '200')
    expect([tooMany.code, tooMany.last.error?.code], tooMany.said).toEqual([1, 'TOO_MANY_SHARDS'])
    const none = await done(job, 'move', '--slots', '900', '--to', '1')
    expect([none.code, none.said]).toEqual([2, expect.stringContaining('give slots from 0 to')])
    const unasked = steer(job, 'rescale', '2')
    expect([await unasked.ended, unasked.said]).toEqual([2, expect.stringContaining('from 5 shards to 2')])

    const fewer = await done(job, 'rescale', '2')
    expect(fewer.last).toMatchObject({ state: 'moved', shards: 2 })
    both[0]?.signal('SIGINT')
    for (const program of both) expect(await program.ended, program.said).toBe(0)
    await feeding
    const dead = await done(job, 'rescale', '3')
    expect([dead.code, dead.said]).toEqual([1, expect.stringContaining("`rescale: 'at-start'`")])
    const counted = (await topicEnds(brokers, output, 'read_committed')).reduce((sum, end) => sum + end, 0)
    expect(counted).toBeGreaterThan(0)
  })
})
