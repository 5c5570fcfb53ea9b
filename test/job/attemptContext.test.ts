import { describe, expect, it } from 'vitest'
import { checkpointSettings } from '../../src/checkpoint/settings.ts'
import { systemClock } from '../../src/clock.ts'
import { attemptContext, type Closable } from '../../src/job/attemptContext.ts'
import { badRecords } from '../../src/job/badRecords/badRecords.ts'
import { thrownBy } from '../../tools/support/thrown.ts'

function context(controller = new AbortController()) {
  const identity = { job: 'j', shard: 0, shards: 1, execution: 'e', attempt: 'a', allowDroppedState: false }
  const services = {
    clock: systemClock,
    probe: () => undefined,
    tell: () => undefined,
    signal: controller.signal,
    fail: () => undefined,
    badRecords: badRecords({ name: 'j' }),
  }
  return attemptContext(identity, checkpointSettings({}), services)
}

const closing = (closed: string[], name: string): Closable => ({ close: async () => void closed.push(name) })

describe('what an attempt has opened', () => {
  it('is found under its resource', async () => {
    const attempt = context()
    const writer = closing([], 'writer')
    const resource = { open: async () => writer }
    expect(await attempt.openResource(resource)).toBe(writer)
    expect(attempt.opened(resource)).toBe(writer)
  })

  it('is not found under another one', () => {
    const attempt = context()
    expect(thrownBy(() => attempt.opened({ open: async () => 1 }))).toMatchObject({ code: 'NOT_OPENED' })
  })

  it('is closed at the end, in reverse order, including shared parts', async () => {
    const [attempt, closed] = [context(), [] as string[]]
    await attempt.openResource({ open: async () => closing(closed, 'first') })
    attempt.share({}, () => closing(closed, 'shared'))
    await attempt.openResource({ open: async () => closing(closed, 'last') })
    await attempt.closeAll()
    await attempt.closeAll()
    expect(closed).toEqual(['last', 'shared', 'first'])
  })

  it('is closed even if another one fails to, in whatever way', async () => {
    const [attempt, closed] = [context(), [] as string[]]
    await attempt.openResource({ open: async () => closing(closed, 'first') })
    await attempt.openResource({ open: async () => ({ close: () => Promise.reject(new Error('no')) }) })
    attempt.share({}, () => ({ close: () => undefined }))
    attempt.share({}, () => ({
      close() {
        throw new Error('no')
      },
    }))
    await attempt.closeAll()
    expect(closed).toEqual(['first'])
  })

  it('is closed at once if the attempt ended while it was being opened', async () => {
    const [controller, closed] = [new AbortController(), [] as string[]]
    const attempt = context(controller)
    const open = async () => {
      controller.abort()
      return closing(closed, 'late')
    }
    await expect(attempt.openResource({ open })).rejects.toThrow()
    expect(closed).toEqual(['late'])
  })

  it('is shared by all callers with the same key', () => {
    const attempt = context()
    const key = {}
    expect(attempt.share(key, () => ({}))).toBe(attempt.share(key, () => ({})))
  })
})
