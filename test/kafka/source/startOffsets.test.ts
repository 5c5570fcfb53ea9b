import { describe, expect, it } from 'vitest'
import { earliest, latest } from '../../../src/kafka/protocol/listOffsets.ts'
import { type AskOffsets, checkOffsets, type StartFrom, startOffsets } from '../../../src/kafka/source/startOffsets.ts'

const splits = [0, 1, 2].map((partition) => ({ topic: 'in', partition }))
const given = (partition: number, offset: number, more = {}) => ({ topic: 'in', partition, offset, ...more })

/** Partitions with offsets 5 to 10, of which the last two are not committed. */
function log(later: readonly number[] = [5, 0, -1]) {
  const asked: string[] = []
  const ask: AskOffsets = async (its, timestamp, isolation = 'read_uncommitted') => {
    asked.push(`${timestamp} ${isolation}`)
    if (timestamp === earliest) return its.map(() => 5)
    if (timestamp === latest) return its.map(() => (isolation === 'read_committed' ? 8 : 10))
    return its.map((_, at) => later[at] as number)
  }
  return { ask, asked }
}

const from = (startFrom: StartFrom) => startOffsets(splits, startFrom, log().ask)

async function failure(work: Promise<unknown>) {
  return work.then(
    () => null,
    (error) => error,
  )
}

describe('a job without a checkpoint starts', () => {
  it('at the beginning of each partition, or behind what is committed', async () => {
    expect(await from('earliest')).toEqual([5, 5, 5])
    expect(await from('latest')).toEqual([8, 8, 8])
  })

  it('at the first record that is as late as asked, and at the end if none is', async () => {
    const { ask, asked } = log()
    expect(await startOffsets(splits, { timestamp: 99 }, ask)).toEqual([5, 0, 10])
    // The other way round, a record that is added in between would be left out.
    expect(asked).toEqual([`${latest} read_uncommitted`, '99 read_uncommitted'])
  })

  it('at given offsets, and at the beginning of partitions without one', async () => {
    expect(await from([given(1, 7)])).toEqual([5, 7, 5])
    expect(await from([given(0, 5), given(2, 10)])).toEqual([5, 5, 10])
    expect(await from([])).toEqual([5, 5, 5])
  })

  it('only in partitions that exist, of the right topic', async () => {
    for (const wrong of [given(3, 7), { ...given(1, 7), topic: 'out' }]) {
      expect(await failure(from([given(0, 5), wrong]))).toMatchObject({
        code: 'START_OFFSET_UNKNOWN',
        consequence: 'fatal',
        where: { topic: wrong.topic, partition: wrong.partition },
      })
    }
  })

  it.each([4, 11])('not at offset %i, which does not exist', async (offset) => {
    expect(await failure(from([given(0, 5), given(1, offset)]))).toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      where: { partition: 1, offset },
      hint: 'Correct startFrom',
    })
  })
})

describe('offsets of a checkpoint', () => {
  it('may be those of the first record and of the end', async () => {
    expect(await failure(checkOffsets([given(0, 5), given(1, 10)], log().ask))).toBeNull()
  })

  it.each([
    [4, /Retention has removed records/],
    [11, /lost acknowledged records/],
  ])('such as %i are refused with the likely reason', async (offset, hint) => {
    const error = await failure(checkOffsets([given(0, 7), given(1, offset, { leaderEpoch: 3 })], log().ask))
    expect(error).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', hint: expect.stringMatching(hint) })
    expect(error.message).toContain('offsets 5 to 10; the last one was read in leader epoch 3')
  })

  it('are looked at again as long as the answer is doubted', async () => {
    const { ask, asked } = log()
    let doubts = 0
    const doubted = async (error: Error): Promise<void> => {
      doubts += 1
      if (doubts === 3) throw error
    }
    expect(await failure(checkOffsets([given(0, 4)], ask, doubted))).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
    expect([doubts, asked.length]).toEqual([3, 6])
  })
})
