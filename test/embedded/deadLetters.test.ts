import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import type { OnError, ProtocolStep } from '../../src/attempt.ts'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import type { EmbeddedLog } from '../../src/embedded/embeddedLog.ts'
import { embeddedSink } from '../../src/embedded/embeddedSink.ts'
import { embeddedSource } from '../../src/embedded/embeddedSource.ts'
import { deadLetter } from '../../src/job/badRecords/deadLetter.ts'
import { deadLetterJson } from '../../src/job/badRecords/deadLetterJson.ts'
import { defineJob, type Job } from '../../src/job/defineJob.ts'
import { fixedDelay } from '../../src/job/restart.ts'
import { RetriableError } from '../../src/openErrors.ts'
import { map } from '../../src/operators/map.ts'
import { to } from '../../src/operators/to.ts'
import type { Serde } from '../../src/serde/serde.ts'
import { text } from '../../src/serde/text.ts'
import { samePartition } from '../../src/sinks/partitioner.ts'
import { virtualClock } from '../../src/testing/virtualClock.ts'
import { failure, start, untilEnd } from '../job/running.ts'
import { temporaryLog, valuesOf } from './temporaryLog.ts'

const steps: readonly ProtocolStep[] = ['barrier', 'prepared', 'stored', 'ledger', 'committed', 'rolled']
const undecodable = Buffer.from([0xff, 0xfe])

/** A serde whose answer to one value is nothing that can be written, and that throws on another. */
const choosy: Serde<string> = {
  ...text,
  encode(value) {
    if (value === 'UNWRITABLE') return value as never
    if (value === 'UNENCODABLE') throw new TypeError('no bytes')
    return Buffer.from(value)
  },
}

function upper(log: EmbeddedLog, until?: 'latest', source?: OnError): Job {
  return defineJob(
    'upper',
    ({ from }) =>
      from(embeddedSource(log, { topic: 'in', value: text, until, onError: source })).pipe(
        map((line) => {
          if (line === 'unmappable') throw new RangeError('no')
          return line.toUpperCase()
        }),
        to(embeddedSink(log, { topic: 'out', value: choosy, partitioner: samePartition })),
      ),
    { onError: deadLetter(embeddedSink(log, { topic: 'dead', value: deadLetterJson, partitioner: samePartition })) },
  )
}

const letters = (log: EmbeddedLog) =>
  [...log.read('dead', 0)].map(({ key, value }) => ({ key, letter: deadLetterJson.decode(value) }))

const bad = [undecodable, 'unmappable', 'unwritable', 'unencodable']

describe('the dead letters of a job from an embedded log into it', () => {
  it('hold what could not be decoded, mapped or written, by whom, and its key', async () => {
    const log = await temporaryLog({ in: 1, out: 1, dead: 1 })
    const key = Buffer.from([0, 255])
    await log.append('in', [{ value: 'a' }, ...bad.map((value) => ({ key, value })), { value: 'b' }])
    await untilEnd(start(upper(log, 'latest')))
    expect(valuesOf(log, 'out')).toEqual(['A', 'B'])
    const common = { job: 'upper', topic: 'in', partition: 0, key }
    expect(letters(log)).toMatchObject([
      {
        key,
        letter: { ...common, offset: 1, value: undecodable, operator: 'embeddedSource:in', code: 'DECODE_FAILED' },
      },
      { key, letter: { ...common, offset: 2, value: 'unmappable', operator: 'map', code: 'OPERATOR_FAILED' } },
      { letter: { offset: 3, value: 'UNWRITABLE', operator: 'embeddedSink:out', code: 'RECORD_NOT_WRITABLE' } },
      { letter: { offset: 4, value: 'UNENCODABLE', operator: 'embeddedSink:out', code: 'OPERATOR_FAILED' } },
    ])
  })

  it('are none if the source is to fail', async () => {
    const log = await temporaryLog({ in: 1, out: 1, dead: 1 })
    await log.append('in', [{ value: 'a' }, { value: undecodable }])
    expect(await failure(start(upper(log, 'latest', 'fail')))).toMatchObject({
      code: 'DECODE_FAILED',
      where: { operator: 'embeddedSource:in', topic: 'in', partition: 0, offset: 1 },
    })
    expect([valuesOf(log, 'out'), valuesOf(log, 'dead')]).toEqual([[], []])
  })

  it.each(steps.flatMap((step) => [[step, 'cancelled'] as const, [step, 'failing'] as const]))(
    'are there once, with the output, after a run that ends at "%s", %s',
    async (step, how) => {
      const log = await temporaryLog({ in: 1, out: 1, dead: 1 })
      const [clock, storage] = [virtualClock(), memoryStorage()]
      const append = (name: string) =>
        log.append(
          'in',
          [...bad, name].map((value) => ({ value })),
        )
      let passed = 0
      const first = start(upper(log), {
        ...{ clock, storage, restart: fixedDelay({ attempts: 1, delay: 1 }) },
        probe(seen) {
          if (seen !== step || ++passed !== 2) return
          if (how === 'failing') throw new RetriableError('BROKEN', 'by the test')
          void first.handle.cancel()
        },
      })
      for (const name of ['a', 'b', 'c']) {
        await append(name)
        await clock.advanceAsync(1_100)
      }
      await first.handle.cancel()
      await append('d')
      await untilEnd(start(upper(log, 'latest'), { clock, storage }))
      expect(passed).toBeGreaterThanOrEqual(2)
      expect(valuesOf(log, 'out')).toEqual(['A', 'B', 'C', 'D'])
      const offsets = letters(log).map(({ letter }) => letter.offset)
      expect(offsets).toEqual([0, 5, 10, 15].flatMap((start) => bad.map((_, at) => start + at)))
    },
  )
})
