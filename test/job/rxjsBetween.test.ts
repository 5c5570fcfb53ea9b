/** An RxJS operator between stream elements, by mistake: the attempt ends at once, with an error that says so. */

import { catchError, debounceTime, filter, retry, map as rxMap, merge as rxMerge, skip, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { StreamElement } from '../../src/element.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { asyncMap } from '../../src/operators/asyncMap.ts'
import { intervalJoin } from '../../src/operators/intervalJoin.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { map } from '../../src/operators/map.ts'
import { merge } from '../../src/operators/merge.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { asStream, type StreamOperator } from '../../src/stream.ts'
import { testJob } from '../../src/testing/index.ts'
import { asOperator } from '../../tools/support/asOperator.ts'
import { failure, start } from './running.ts'

type Mistake = StreamOperator<string, string>

const source = () => {
  const made = memorySource<string>()
  made.push('a', 'b')
  return made
}

const jobWith = (mistake: Mistake): Job =>
  defineJob('mistaken', ({ from }) =>
    from(source()).pipe(
      map((value) => value),
      mistake,
      map((value) => value),
      to(memorySink({ id: 'out' })),
    ),
  )

const notBarriers: Mistake = asOperator(filter((one) => one.kind !== 'barrier'))

describe('an RxJS operator between elements', () => {
  it.each<[string, string, Mistake]>([
    ['filter, which drops barriers', 'BARRIER_LOST', notBarriers],
    [
      'filter, which drops everything but records',
      'OUTPUT_NOT_FED',
      asOperator(filter((one) => one.kind === 'record')),
    ],
    ['take', 'PIPELINE_ENDED', asOperator(take(2))],
    ['skip', 'OUTPUT_NOT_FED', asOperator(skip(1))],
    ['debounceTime', 'OUTPUT_NOT_FED', asOperator(debounceTime(10))],
    ['map, to values', 'NOT_AN_ELEMENT', asOperator(rxMap(({ kind }) => kind as unknown as StreamElement<string>))],
    ['map, to nothing', 'NOT_AN_ELEMENT', asOperator(rxMap(() => undefined as unknown as StreamElement<string>))],
  ])('ends the attempt: %s', async (_, code, mistake) => {
    const error = await failure(start(jobWith(mistake)), 3_000)
    expect(error).toMatchObject({ code, consequence: 'fatal' })
    expect(error.hint).toMatch(/RxJS/)
  })

  it("is found where RxJS's merge combines two sources", async () => {
    const other = () => memorySource<string>({ partitions: [['c']], unbounded: true, id: 'other' })
    const merging = defineJob('merging', ({ from }) =>
      asStream<string, unknown>(rxMerge(from(source()), from(other()))).pipe(to(memorySink({ id: 'out' }))),
    )
    expect(await failure(start(merging), 3_000)).toMatchObject({ code: 'NOT_ALIGNED', where: { operator: 'out' } })
  })

  it.each<[string, Mistake]>([
    ['retry', asOperator(retry(2))],
    ['catchError', asOperator(catchError((_, caught) => caught))],
  ])('does not swallow the error of an operator: %s', async (_, mistake) => {
    const made = memorySource(['a', 'bad', 'c'])
    const throwing = map((value: string) => {
      if (value === 'bad') throw new RangeError('bad')
      return value
    })
    const sink = memorySink<string>({ id: 'out' })
    const job = defineJob('swallowing', ({ from }) => from(made).pipe(throwing, mistake, to(sink)))
    expect(await failure(start(job), 3_000)).toMatchObject({ code: 'OPERATOR_FAILED', where: { offset: 1 } })
    expect(sink.committed).toEqual([])
  })

  it('does not swallow the error of an operator with two inputs', async () => {
    const sink = memorySink<string>({ id: 'out' })
    const job = defineJob('joining', ({ from }) => {
      const [left, right] = ['left', 'right'].map((id) => from(memorySource({ partitions: [['a']], id })))
      const byLetter = keyBy((letter: string) => letter)
      const failing = (): string => {
        throw new RangeError('bad')
      }
      const within = { from: -1, to: 1 }
      return (left as NonNullable<typeof left>).pipe(
        byLetter,
        intervalJoin((right as NonNullable<typeof right>).pipe(byLetter), within, failing, { id: 'join' }),
        asOperator(catchError((_, caught) => caught)),
        to(sink),
      )
    })
    expect(await failure(start(job), 3_000)).toMatchObject({ code: 'OPERATOR_FAILED', where: { operator: 'join' } })
    expect(sink.committed).toEqual([])
  })

  it('is found before a merge, and in one of two branches', async () => {
    const merging = defineJob('merging', ({ from }) =>
      merge(from(memorySource({ partitions: [[]], unbounded: true, id: 'b' })), from(source()).pipe(notBarriers)).pipe(
        to(memorySink({ id: 'out' })),
      ),
    )
    expect(await failure(start(merging), 3_000)).toMatchObject({ code: 'BARRIER_LOST', where: { operator: 'out' } })
    const branching = defineJob('branching', ({ from }) => {
      const elements = from(source())
      return [elements.pipe(to(memorySink({ id: 'well' }))), elements.pipe(notBarriers, to(memorySink({ id: 'ill' })))]
    })
    expect(await failure(start(branching), 3_000)).toMatchObject({ code: 'BARRIER_LOST', where: { operator: 'ill' } })
  })

  it('is found in testJob, too', async () => {
    await expect(testJob(jobWith(notBarriers)).checkpoint()).rejects.toMatchObject({ code: 'BARRIER_LOST' })
  })

  it('is not suspected if an operator holds the barrier, and says so', async () => {
    const slow = defineJob('slow', ({ from }) =>
      from(source()).pipe(
        asyncMap(() => new Promise<string>(() => undefined)),
        to(memorySink({ id: 'out' })),
      ),
    )
    const running = start(slow, { checkpointing: { timeout: 2_000 } })
    expect(await failure(running, 5_000)).toMatchObject({ code: 'CHECKPOINT_TIMEOUT' })
  })
})
