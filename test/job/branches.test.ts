/** Jobs of several branches: split, side outputs, joins, and what is wrong with their wiring. */
import { describe, expect, it } from 'vitest'
import type { ProtocolStep } from '../../src/attempt.ts'
import { defineJob, type Pipeline } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { connect } from '../../src/operators/connect.ts'
import { intervalJoin } from '../../src/operators/intervalJoin.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { map } from '../../src/operators/map.ts'
import { sideOutput } from '../../src/operators/sideOutput.ts'
import { split } from '../../src/operators/split.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { mapState } from '../../src/state/mapState.ts'
import { valueState } from '../../src/state/valueState.ts'
import { failure, start, untilEnd } from './running.ts'

const isUpper = (letter: string): boolean => letter < 'a'
const byLetter = keyBy((letter: string) => letter.toLowerCase())
const sink = (id: string) => memorySink<string>({ id })

/** What ends a job with this pipeline before it has read anything. */
async function refused(pipeline: Pipeline) {
  const running = start(defineJob('wrong', pipeline))
  const error = await failure(running)
  expect(running.story()).not.toContain('checkpoint-triggered 1')
  return error
}

describe('a job of several sinks', () => {
  it('commits what split sends to each of them in one checkpoint, and reads its source once', async () => {
    const [upper, rest] = [sink('upper'), sink('rest')]
    const source = memorySource<string>()
    const running = start(
      defineJob('branches', ({ from }) => {
        const letters = split(from(source), { upper: isUpper })
        return [letters.upper.pipe(to(upper)), letters.rest.pipe(to(rest))]
      }),
    )
    source.push('a', 'B', 'c')
    await running.clock.advanceAsync(500)
    expect([upper.committed, rest.committed]).toEqual([[], []])
    await running.clock.advanceAsync(500)
    expect([upper.committed, rest.committed]).toEqual([['B'], ['a', 'c']])
    source.push('D')
    source.end()
    await untilEnd(running)
    expect([upper.committed, rest.committed]).toEqual([
      ['B', 'D'],
      ['a', 'c'],
    ])
  })

  it('commits in none of them what no checkpoint has decided', async () => {
    const [upper, rest] = [sink('upper'), sink('rest')]
    const source = memorySource<string>()
    const running = start(
      defineJob('branches', ({ from }) => {
        const letters = split(from(source), { upper: isUpper })
        return [letters.upper.pipe(to(upper)), letters.rest.pipe(to(rest))]
      }),
      {
        probe: (step: ProtocolStep) => {
          if (step === 'stored') throw new Error('killed')
        },
      },
    )
    source.push('a', 'B')
    await failure(running)
    expect([upper.committed, rest.committed]).toEqual([[], []])
  })

  it('has side outputs in sinks of their own', async () => {
    const [counts, alerts] = [sink('counts'), sink('alerts')]
    const job = defineJob('alerts', ({ from }) => {
      const seconds = sideOutput<string>()
      const counted = from(memorySource(['a', 'b', 'A'])).pipe(
        byLetter,
        keyedProcess(
          {
            state: { seen: valueState<boolean>() },
            outputs: { seconds },
            onElement(letter, { state, outputs, timers }) {
              if (state.seen.get()) outputs.seconds(letter)
              state.seen.set(true)
              timers.event.set(5)
              return [letter]
            },
            onEventTimer: (time, { key }) => [`${key} at ${time}`],
          },
          { id: 'count' },
        ),
      )
      return [
        counted.pipe(to(counts)),
        seconds.pipe(
          map((letter) => `again ${letter}`),
          to(alerts),
        ),
      ]
    })
    await untilEnd(start(job))
    expect(counts.committed).toEqual(['a', 'b', 'A', 'a at 5', 'b at 5'])
    expect(alerts.committed).toEqual(['again A'])
  })

  it('joins two sources, and looks up in a third', async () => {
    const into = sink('into')
    const timestamp = (letter: string) => letter.charCodeAt(0)
    const lefts = memorySource({ topic: 'left', partitions: [['a', 'b']], timestamp })
    const rights = memorySource({ topic: 'right', partitions: [['A', 'B']], timestamp })
    const rules = memorySource({ topic: 'rules', partitions: [['!']] })
    const job = defineJob('join', ({ from }) =>
      from(lefts).pipe(
        byLetter,
        intervalJoin(from(rights).pipe(byLetter), { from: -99, to: 99 }, (left, right) => left + right, { id: 'join' }),
        connect(
          from(rules),
          {
            broadcast: mapState<string, string>(),
            onElement: (pair, { timers }) => timers.event.set(pair.length),
            onBroadcast: (rule, { broadcast }) => broadcast.set(rule, rule),
            onEventTimer: (_, { key, broadcast }) => [key + broadcast.keys().join('')],
          },
          { id: 'rules' },
        ),
        to(into),
      ),
    )
    await untilEnd(start(job))
    expect(into.committed.toSorted()).toEqual(['a!', 'b!'])
  })
})

describe('a job that is wired wrongly ends before it reads anything', () => {
  it('if nothing feeds a branch: its side output is that of no operator of the job', async () => {
    const error = await refused(({ from }) => [
      from(memorySource(['a'])).pipe(to(sink('main'))),
      sideOutput<string>().pipe(to(sink('late'))),
    ])
    expect(error).toMatchObject({ code: 'OUTPUT_NOT_FED', consequence: 'fatal', where: { operator: 'late' } })
  })

  it('if two operators have one side output', async () => {
    const error = await refused(({ from }) => {
      const alerts = sideOutput<string>()
      const letters = from(memorySource(['a'])).pipe(byLetter)
      const one = (id: string) =>
        letters.pipe(keyedProcess({ outputs: { alerts }, onElement: (letter) => [letter] }, { id }), to(sink(id)))
      return [one('first'), one('second'), alerts.pipe(to(sink('alerts')))]
    })
    expect(error).toMatchObject({ code: 'SIDE_OUTPUT_TAKEN', where: { operator: 'second' } })
  })

  it('if nobody reads a side output', async () => {
    const error = await refused(({ from }) =>
      from(memorySource(['a'])).pipe(
        byLetter,
        keyedProcess({ outputs: { alerts: sideOutput<string>() }, onElement: (letter) => [letter] }, { id: 'p' }),
        to(sink('main')),
      ),
    )
    expect(error).toMatchObject({ code: 'SIDE_OUTPUT_UNUSED', where: { operator: 'p' } })
  })

  it('if nobody reads a branch of split', async () => {
    const error = await refused(({ from }) =>
      split(from(memorySource(['a'])), { upper: isUpper }).rest.pipe(to(sink('s'))),
    )
    expect(error).toMatchObject({ code: 'UNUSED_BRANCH', where: { operator: 'split' } })
  })
})
