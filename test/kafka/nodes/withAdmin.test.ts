import { expect, it } from 'vitest'
import { withAdmin } from '../../../src/kafka/nodes/withAdmin.ts'

/** A cluster whose admin client notes what is done with it. */
function noting(done: string[], connect = async () => undefined) {
  const admin = { connect, disconnect: async () => void done.push('disconnected') }
  return { admin: () => admin } as never
}

it('the admin client is there while it is used, and gone afterwards, also if its use fails', async () => {
  const done: string[] = []
  expect(await withAdmin(noting(done), async () => done.push('used'))).toBe(1)
  expect(done).toEqual(['used', 'disconnected'])
  await expect(withAdmin(noting(done), () => Promise.reject(new Error('used in vain')))).rejects.toThrow('in vain')
  expect(done).toEqual(['used', 'disconnected', 'disconnected'])
})

it('an admin client that could not connect is given up', async () => {
  const done: string[] = []
  const failing = noting(done, () => Promise.reject(new Error('nobody is there')))
  await expect(withAdmin(failing, async () => done.push('used'))).rejects.toThrow('nobody is there')
  expect(done).toEqual(['disconnected'])
})
