import { describe, expect, it } from 'vitest'
import type { JobEvent } from '../../../src/job/events.ts'
import { packError, packEvent, unpackError, unpackEvent } from '../../../src/job/shards/messages.ts'
import { CorruptedError, FatalError, FencedError, RetriableError } from '../../../src/openErrors.ts'

/** As between threads. */
const sent = <A>(message: A): A => structuredClone(message)

describe('an error that travels between threads', () => {
  it.each([RetriableError, FencedError, CorruptedError, FatalError])('is what it was: %s', (Kind) => {
    const where = { topic: 't', partition: 3 }
    const cause = new TypeError('inner')
    const error = new Kind('CODE', 'something happened', { where, hint: 'Do this', badRecord: true, cause })
    const back = unpackError(sent(packError(error)))
    expect(back).toBeInstanceOf(Kind)
    expect(back).toMatchObject({ code: 'CODE', where, hint: 'Do this', badRecord: true, message: error.message })
    expect(back.stack).toBe(error.stack)
    expect(back.cause).toMatchObject({ name: 'TypeError', message: 'inner' })
  })

  it('that is none of ours keeps its name, and what is no error becomes one', () => {
    expect(unpackError(sent(packError(new RangeError('x'))))).toMatchObject({ name: 'RangeError', message: 'x' })
    expect(unpackError(sent(packError('just text')))).toMatchObject({ message: 'just text' })
  })
})

describe('an event that travels between threads', () => {
  it('brings its error along', () => {
    const event: JobEvent = { type: 'restarting', error: new RetriableError('CODE', 'what'), delay: 7 }
    expect(unpackEvent(sent(packEvent(event)))).toMatchObject({ type: 'restarting', delay: 7, error: { code: 'CODE' } })
  })

  it('is the same where it has none', () => {
    const event: JobEvent = { type: 'late-records', checkpoint: 1, operators: { window: 2 } }
    expect(unpackEvent(sent(packEvent(event)))).toEqual(event)
  })
})
