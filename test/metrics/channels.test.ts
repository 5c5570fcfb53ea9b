import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fixedDelay } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import type { ChannelMessages } from '../../src/metrics/channels.ts'
import { publish } from '../../src/metrics/channels.ts'
import { start, upper } from '../job/running.ts'
import { failingSink } from './failingSink.ts'

function heard<N extends keyof ChannelMessages>(name: N): ChannelMessages[N][] {
  const all: ChannelMessages[N][] = []
  const listener = (message: unknown): void => void all.push(message as ChannelMessages[N])
  subscribe(name, listener)
  onTestFinished(() => void unsubscribe(name, listener))
  return all
}

describe('the diagnostics channels', () => {
  it('say what happens to a job, from its start to its end', async () => {
    const jobs = heard('rxweft:job')
    const takeovers = heard('rxweft:takeover')
    const checkpoints = heard('rxweft:checkpoint')
    const restarts = heard('rxweft:restart')
    const ends = heard('rxweft:end')
    const from = memorySource<string>()
    from.push('a')
    const { handle, clock } = start(upper(from, failingSink(1), 'told'), {
      restart: fixedDelay({ attempts: 2, delay: 100 }),
    })
    for (let step = 0; step < 60; step++) await clock.advanceAsync(50)
    handle.stop()
    for (let step = 0; step < 20; step++) await clock.advanceAsync(50)
    expect(jobs.map(({ job }) => job)).toEqual(['told'])
    expect((await jobs[0]?.metrics())?.some(({ name }) => name === 'source.records')).toBe(true)
    expect(takeovers.map(({ job, shard, checkpoint }) => [job, shard, checkpoint])).toEqual([
      ['told', 0, 0],
      ['told', 0, 0],
    ])
    expect(restarts).toEqual([{ job: 'told', shard: 0, code: 'PREPARE_FAILED', delay: 100 }])
    const [failed, committed, last] = checkpoints
    expect(failed).toMatchObject({ checkpoint: 1, outcome: 'failed', code: 'PREPARE_FAILED', phases: undefined })
    expect(failed?.attempt).toBe(takeovers[0]?.attempt)
    expect(committed).toMatchObject({ checkpoint: 1, outcome: 'committed', final: false })
    const { barrier = 0, store = 0, commit = 0 } = committed?.phases ?? {}
    expect(barrier + store + commit).toBe(committed?.duration)
    expect(last).toMatchObject({ checkpoint: 2, final: true })
    expect(ends).toEqual([{ job: 'told', outcome: 'stopped', code: undefined }])
  })

  it('make no message that nobody hears', () => {
    publish('rxweft:end', () => {
      throw new Error('made in vain')
    })
  })
})
