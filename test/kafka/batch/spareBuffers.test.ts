import { expect, it } from 'vitest'
import { spareBuffers } from '../../../src/kafka/batch/spareBuffers.ts'

it('gives out again what was kept, once, and keeps no more bytes than it may', () => {
  const spare = spareBuffers(100)
  const [a, b, c] = [60, 50, 40].map((size) => Buffer.alloc(size)) as [Buffer, Buffer, Buffer]
  for (const buffer of [a, b, c]) spare.keep(buffer)
  expect([spare.take(), spare.take()]).toEqual([c, a])
  expect([a, b, c]).not.toContain(spare.take())
  spare.keep(b)
  expect(spare.take()).toBe(b)
})
