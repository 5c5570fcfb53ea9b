import { Buffer } from 'node:buffer'
import { describe, expect, it, vi } from 'vitest'
import { lane } from './lane.ts'

describe('a lane of the proxy', () => {
  const rules = { delay: 0, blocked: false }

  function open() {
    const written: string[] = []
    const opened = lane({
      delay: () => rules.delay,
      blocked: () => rules.blocked,
      write: (frame) => void written.push(frame.toString()),
    })
    return { written, push: (text: string) => opened.push(Buffer.from(text)), lane: opened }
  }

  it('passes frames on at once if nothing stands in the way', () => {
    const { written, push, lane } = open()
    push('a')
    expect([written, lane.empty]).toEqual([['a'], true])
  })

  it('keeps the order of what is delayed, also when the delay ends in between', async () => {
    const { written, push } = open()
    rules.delay = 30
    push('late')
    rules.delay = 0
    push('soon')
    expect(written).toEqual([])
    await vi.waitFor(() => expect(written).toEqual(['late', 'soon']))
  })

  it('holds everything back while it is blocked', () => {
    const { written, push, lane } = open()
    rules.blocked = true
    push('a')
    push('b')
    expect([written, lane.empty]).toEqual([[], false])
    rules.blocked = false
    lane.pump()
    expect([written, lane.empty]).toEqual([['a', 'b'], true])
  })
})
