/** Keys that LMDB cannot hold: a record with such a key is bad there, and nothing else is lost. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryStorage } from '../../src/checkpoint/memoryStorage.ts'
import { type DeadLetter, deadLetter } from '../../src/job/badRecords/deadLetter.ts'
import { defineJob, type JobOptions } from '../../src/job/defineJob.ts'
import type { JobEvent } from '../../src/job/events.ts'
import { execute } from '../../src/job/execute.ts'
import { noRestart } from '../../src/job/restart.ts'
import { memorySource } from '../../src/memory/memorySource.ts'
import { keyBy } from '../../src/operators/keyBy.ts'
import { keyedProcess } from '../../src/operators/keyedProcess.ts'
import { scan } from '../../src/operators/scan.ts'
import { to } from '../../src/operators/to.ts'
import { memorySink } from '../../src/sinks/memorySink.ts'
import { lmdbState } from '../../src/state/lmdbState.ts'
import { mapState } from '../../src/state/mapState.ts'
import { memoryState } from '../../src/state/memoryState.ts'
import type { Stream } from '../../src/stream.ts'

const long = 'k'.repeat(3_000)
/** Fits as a key, but not together with that of a timer or of a map. */
const longish = 'l'.repeat(1_898)
const input = ['a', long, 'ключ☃', '', longish, 'a']

type Pipeline = (records: Stream<string>) => Stream<string>

const pipelines: { readonly [name: string]: { readonly of: Pipeline; readonly bad: readonly string[] } } = {
  'the state of a key': {
    of: (records) =>
      records.pipe(
        keyBy((value) => value),
        scan((seen, value) => `${seen}${value}`.slice(0, 20), '', { id: 'op' }),
      ),
    bad: [long],
  },
  'a map within it': {
    of: (records) =>
      records.pipe(
        keyBy((value) => value.slice(0, 1)),
        keyedProcess(
          {
            state: { seen: mapState<string, number>() },
            onElement(value, { state: { seen } }) {
              seen.set('before', (seen.get('before') ?? 0) + 1)
              seen.set(value, 1)
              return [`${value.slice(0, 10)} ${seen.get('before')}`]
            },
          },
          { id: 'op' },
        ),
      ),
    bad: [long, longish],
  },
  'a timer': {
    of: (records) =>
      records.pipe(
        keyBy((value) => value),
        keyedProcess(
          {
            onElement(value, { timers }) {
              timers.event.set(5)
              return [value.slice(0, 10)]
            },
            onEventTimer: (_, { key }) => [`timer ${key.slice(0, 10)}`],
          },
          { id: 'op' },
        ),
      ),
    bad: [long, longish],
  },
}

async function run(pipeline: Pipeline, values: readonly string[], lmdb: boolean, options: JobOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'long-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const sink = memorySink<string>()
  const events: JobEvent[] = []
  const job = defineJob('long', ({ from }) => pipeline(from(memorySource(values))).pipe(to(sink)), options)
  const state = lmdb ? lmdbState(folder) : memoryState()
  const handle = execute(job, { storage: memoryStorage(), state, restart: noRestart() })
  handle.events$.subscribe((event) => events.push(event))
  const error = await handle.done.then(
    () => undefined,
    (thrown) => thrown,
  )
  return { values: sink.committed, events, error }
}

describe.each(Object.entries(pipelines))('a key too long for LMDB, in %s', (_, { of, bad }) => {
  const offsets = bad.map((value) => input.indexOf(value))

  it('is skipped where that is the policy, and the rest is as if it had never been there', async () => {
    const { values, events } = await run(of, input, true, { onError: 'skip' })
    const rest = input.filter((value) => !bad.includes(value))
    expect(values).toEqual((await run(of, rest, false)).values)
    expect(events).toContainEqual(expect.objectContaining({ type: 'bad-records', skipped: bad.length }))
  })

  it('becomes a dead letter with its coordinates', async () => {
    const dead = memorySink<DeadLetter>({ id: 'dead' })
    const { error } = await run(of, input, true, { onError: deadLetter(dead) })
    expect(error).toBeUndefined()
    expect(dead.committed.map(({ offset, value, code, operator }) => ({ offset, value, code, operator }))).toEqual(
      offsets.map((offset) => ({ offset, value: input[offset], code: 'KEY_TOO_LONG', operator: 'op' })),
    )
  })

  it('ends the job where that is the policy, with an error that names the record', async () => {
    const { error } = await run(of, input, true)
    expect(error).toMatchObject({ code: 'KEY_TOO_LONG', where: { operator: 'op', partition: 0, offset: offsets[0] } })
  })

  it('is fine in memory', async () => {
    expect((await run(of, input, false)).error).toBeUndefined()
  })
})
