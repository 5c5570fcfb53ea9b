import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { decodeIndexes } from '../src/messageIndexes.ts'

it.each(['ffffffff0f', 'feffffff0f02', '0a0202'])(
  'A record that claims more indexes than it has bytes is refused before there is an array for them: %s',
  (hex) => {
    const before = process.cpuUsage()
    expect(() => decodeIndexes(Buffer.from(hex, 'hex'))).toThrow(TypeError)
    expect(process.cpuUsage(before).user).toBeLessThan(50_000)
  },
)
