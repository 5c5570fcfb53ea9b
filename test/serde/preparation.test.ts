import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { FatalError, RetriableError } from '../../src/openErrors.ts'
import { nullable } from '../../src/serde/nullable.ts'
import { preparation } from '../../src/serde/preparation.ts'
import { text } from '../../src/serde/text.ts'
import { rejectionOf } from '../../tools/support/thrown.ts'
import { slowSerde } from './slowSerde.ts'

const batch =
  (...values: readonly string[]) =>
  (call: (value: Buffer, key: Buffer | null) => void): void => {
    for (const value of values) call(Buffer.from(value), null)
  }

describe('what serdes need before a batch is emitted', () => {
  it('is nothing if they prepare nothing', () => {
    expect(preparation({ value: text, key: nullable(text) })).toBeUndefined()
    expect(preparation({ value: text })).toBeUndefined()
  })

  it('is awaited for values and keys, all at once', async () => {
    const opened: (() => void)[] = []
    const slow = slowSerde(() => new Promise((resolve) => opened.push(resolve)))
    const keys = slowSerde()
    let done = false
    const preparing = preparation({ value: slow, key: keys })?.(batch('a', 'b')).then(() => {
      done = true
    })
    expect(slow.calls).toEqual(['prepare a', 'prepare b'])
    expect(keys.calls).toEqual(['prepare null', 'prepare null'])
    opened[0]?.()
    await new Promise(setImmediate)
    expect(done).toBe(false)
    opened[1]?.()
    await preparing
    expect(done).toBe(true)
  })

  it('ends the attempt if an error says that no record is to blame, the first of several', async () => {
    const down = new RetriableError('DOWN', 'first')
    const slow = slowSerde(async (value) => {
      if (value === 'b') throw down
      if (value === 'c') throw new RetriableError('DOWN', 'second')
    })
    expect(await rejectionOf(preparation({ value: slow })?.(batch('a', 'b', 'c')) as Promise<void>)).toBe(down)
  })

  it('is left to decode if a record is to blame, or nobody says who', async () => {
    const slow = slowSerde(async (value) => {
      throw value === 'a' ? new FatalError('BAD', 'this one', { badRecord: true }) : new Error('who knows')
    })
    await expect(preparation({ value: slow })?.(batch('a', 'b'))).resolves.toBeUndefined()
  })
})
