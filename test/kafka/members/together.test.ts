import { describe, expect, it } from 'vitest'
import { together } from '../../../src/kafka/members/together.ts'

describe('two things that are opened together', () => {
  const opened = (closed: string[], name: string) => ({ name, close: async () => void closed.push(name) })

  it('are both there', async () => {
    const closed: string[] = []
    const [one, other] = await together(
      Promise.resolve(opened(closed, 'one')),
      Promise.resolve(opened(closed, 'other')),
    )
    expect([one.name, other.name, ...closed]).toEqual(['one', 'other'])
  })

  it.each([0, 1])('are both away if number %s fails, even if the other one is slower', async (failing) => {
    const closed: string[] = []
    const failed = Promise.reject<ReturnType<typeof opened>>(new Error('refused'))
    const slow = Promise.resolve()
      .then(() => undefined)
      .then(() => opened(closed, 'slow'))
    const both = failing === 0 ? together(failed, slow) : together(slow, failed)
    await expect(both).rejects.toThrow('refused')
    expect(closed).toEqual(['slow'])
  })
})
