import { describe, expect, it } from 'vitest'
import { comparison, figures, hasGrown, medians, type Sample } from './figures.ts'

const calm: Sample = medians([])

describe('the figures of a soak', () => {
  it('are the medians of their minute', () => {
    const samples = [1, 100, 2].map((heap) => ({ ...calm, heap }))
    expect(medians(samples)).toEqual({ ...calm, heap: 2 })
  })

  it('have not grown if nothing has changed', () => {
    for (const name of Object.keys(figures) as (keyof Sample)[]) expect(hasGrown(name, calm, calm)).toBe(false)
  })

  it('have grown beyond their bound: a transactional id more is one too many, memory may breathe', () => {
    const first = { ...calm, heap: 40, transactionalIds: 2 }
    expect(hasGrown('transactionalIds', first, { ...first, transactionalIds: 3 })).toBe(true)
    expect(hasGrown('heap', first, { ...first, heap: 47 })).toBe(false)
    expect(hasGrown('heap', first, { ...first, heap: 49 })).toBe(true)
    expect(comparison(first, { ...first, heap: 49 }).filter((line) => line.endsWith('GROWN'))).toHaveLength(1)
  })
})
