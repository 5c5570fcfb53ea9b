import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fifo } from '../../../src/operators/engine/fifo.ts'

it('a fifo behaves as an array does', () => {
  const steps = fc.array(fc.constantFrom('push', 'push', 'shift', 'shift', 'clear'), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (calls) => {
      const queue = fifo<number>()
      let model: number[] = []
      for (const [n, call] of calls.entries()) {
        if (call === 'push') {
          queue.push(n)
          model.push(n)
        } else if (call === 'shift') expect(queue.shift()).toBe(model.shift())
        else {
          queue.clear()
          model = []
        }
        expect([queue.length, queue.head]).toEqual([model.length, model[0]])
      }
    }),
  )
})
