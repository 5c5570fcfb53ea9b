import { describe, expect, it } from 'vitest'
import { epochHistory } from '../../../src/kafka/reading/epochHistory.ts'

describe('the history of leader epochs', () => {
  it('has for each offset the epoch of the record before it', () => {
    const history = epochHistory(0, undefined)
    history.add(0, 4)
    history.add(4, 6)
    const offsets = [0, 1, 3, 4, 5, 8]
    expect(offsets.map(history.before)).toEqual([undefined, 4, 4, 4, 6, 6])
  })

  it('begins with the epoch of the checkpoint, for the offset after it', () => {
    const history = epochHistory(10, 3)
    expect([9, 10].map(history.before)).toEqual([undefined, 3])
    history.add(10, 3)
    history.add(12, 5)
    expect([10, 12, 13].map(history.before)).toEqual([3, 3, 5])
  })

  it('leaves out what has no epoch', () => {
    const history = epochHistory(0, undefined)
    history.add(0, -1)
    expect(history.before(5)).toBeUndefined()
    history.add(5, 0)
    expect(history.before(6)).toBe(0)
  })
})
