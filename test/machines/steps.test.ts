import { expect, it } from 'vitest'
import { stepLines } from './steps.ts'

it('the steps of hand-overs are found among the lines that processes print, cut off ones left out', () => {
  const event = (type: string, duration: number): string => JSON.stringify({ type, shard: 1, duration })
  const one = ['noise', event('shard-ready', 900), event('shard-taken-over', 40), '{"type":"shard-re'].join('\n')
  const other = [event('shard-taken-over', 60), JSON.stringify({ type: 'shard-warming', shard: 2 })].join('\n')
  expect(stepLines([one, other])).toEqual([
    expect.stringMatching(/^shard-ready +1 times +p50 900 ms, p99 900 ms, worst 900 ms/),
    expect.stringMatching(/^shard-taken-over +2 times +p50 40 ms, p99 60 ms, worst 60 ms/),
  ])
  expect(stepLines(['nothing'])).toEqual([])
})
